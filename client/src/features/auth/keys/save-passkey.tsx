import { Fingerprint, Plus } from "lucide-react";

import { asApiError } from "@/core/errors.ts";
import { Passkeys } from "@/core/identity/passkeys.ts";
import { useAction } from "@/hooks/action.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { askForSecret, createWithSecret, type MadePasskey } from "@/hooks/passkey-secret.ts";
import { useResource } from "@/hooks/resource.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { Loaded } from "../shared/loaded.tsx";
import { useDesk } from "./use-desk.ts";

export interface SavePasskeyProps {
  /** It works. */
  onDone: () => void;
  /** A passkey cannot do it here. */
  onCannot: () => void;
  /** The person would rather have something else. */
  onBack: () => void;
}

/** What ends this way without any fault of the person's. */
const CANNOT = new Set(["passkey_cannot", "passkey_failed"]);

/** Saves the key with a passkey of the account, or with a new one, once it was tried and works. */
export function SavePasskey({ onDone, onCannot, onBack }: SavePasskeyProps) {
  const t = useT();
  const desk = useDesk();
  const passkeys = useIdentity(Passkeys);
  const own = useResource(() => passkeys.list());
  const { busy, problem, run } = useAction();

  const make = async (): Promise<MadePasskey> => {
    const salt = await desk((it) => it.passkeySalt());
    let made: MadePasskey | undefined;
    const kept = await passkeys.add(t("keys.passkeyName"), async (options) => {
      made = await createWithSecret(options, salt);
      return made.credential;
    });
    // Whatever comes next, it is one of the account now and can be used for another attempt.
    own.set((all) => [...all, kept]);
    return made as MadePasskey;
  };
  const save = async (how: "own" | "new"): Promise<void> => {
    try {
      const made = how === "new" ? await make() : null;
      if (made && !made.able) return onCannot();
      await desk((it) => it.keepByPasskey(askForSecret, made?.answer ?? null));
    } catch (error) {
      if (CANNOT.has(asApiError(error).code)) return onCannot();
      throw error;
    }
    toast(t("keys.passkeyKept"), "good");
    onDone();
  };

  return (
    <Loaded resource={own} label={t("keys.loading")} rows={1}>
      {(all) => (
        <>
          <p className="text-ink-soft text-pretty">{t(all.length > 0 ? "keys.passkeyOwnText" : "keys.passkeyNewText")}</p>
          <p className="text-ink-soft text-pretty">{t("keys.passkeyEnds")}</p>
          {problem && <Trouble>{problem}</Trouble>}
          <div className="flex flex-col gap-2">
            <Button wide busy={busy} onClick={() => void run(() => save(all.length > 0 ? "own" : "new"))}>
              <Fingerprint aria-hidden="true" />
              {t(all.length > 0 ? "keys.savePasskey" : "keys.makePasskey")}
            </Button>
            {all.length > 0 && (
              <Button wide look="soft" disabled={busy} onClick={() => void run(() => save("new"))}>
                <Plus aria-hidden="true" />
                {t("keys.makePasskey")}
              </Button>
            )}
            <Button wide look="quiet" disabled={busy} onClick={onBack}>
              {t("keys.otherWays")}
            </Button>
          </div>
        </>
      )}
    </Loaded>
  );
}
