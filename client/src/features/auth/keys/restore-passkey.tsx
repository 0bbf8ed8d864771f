import { Fingerprint } from "lucide-react";

import { useAction } from "@/hooks/action.ts";
import { askForSecret } from "@/hooks/passkey-secret.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { useDesk } from "./use-desk.ts";

/** Opens the messages with the passkey that the key was saved with. */
export function RestorePasskey({ onOther }: { onOther: () => void }) {
  const t = useT();
  const desk = useDesk();
  const { busy, problem, run } = useAction();
  const restore = async (): Promise<void> => {
    await desk((it) => it.restoreByPasskey(askForSecret));
    toast(t("keys.opened"), "good");
  };
  return (
    <>
      <p className="text-ink-soft text-pretty">{t("keys.passkeyRestoreText")}</p>
      <div className="flex max-w-lg flex-col gap-4">
        {problem && <Trouble>{problem}</Trouble>}
        <div className="flex flex-col gap-2">
          <Button wide busy={busy} onClick={() => void run(restore)}>
            <Fingerprint aria-hidden="true" />
            {t("keys.byPasskey")}
          </Button>
          <Button wide look="quiet" disabled={busy} onClick={onOther}>
            {t("keys.otherWays")}
          </Button>
        </div>
      </div>
    </>
  );
}
