import { useState } from "react";
import { Link } from "wouter";

import type { CodeSent, PendingElsewhere } from "@/core/identity/entrance.ts";
import { useAction } from "@/hooks/action.ts";
import { useEntranceOptions } from "@/hooks/entrance-options.ts";
import { useEntrance } from "@/hooks/identity.ts";
import { useResource } from "@/hooks/resource.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { linkClass } from "@/ui/link.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { CodeForm } from "../shared/code-form.tsx";
import { Loaded } from "../shared/loaded.tsx";
import { AuthPage } from "./auth-page.tsx";
import { SignUpNotes } from "./sign-up-notes.tsx";
import type { SignUpProps } from "./sign-up-props.ts";
import { NameStep } from "./step-name.tsx";
import { useInviter } from "./use-inviter.ts";

/** Who comes back from another provider brings an address and a name along; what is missing is asked for here. */
export function SignUpElsewhere({ signInHref, invite, onChat }: SignUpProps) {
  const t = useT();
  const entrance = useEntrance();
  const { options } = useEntranceOptions(entrance);
  const pending = useResource(() => entrance.pendingElsewhere());
  const inviter = useInviter(invite);
  const [ticket, setTicket] = useState<string | null>(null);

  const create = async (username: string, displayName: string): Promise<void> => {
    await entrance.signUpElsewhere({
      username,
      ...(displayName ? { displayName } : {}),
      ...(invite ? { invite } : {}),
      ...(ticket ? { ticket } : {}),
    });
    const chatId = await inviter.meet();
    if (chatId !== null) onChat(chatId);
  };

  const unproved = options?.verifyEmail === true && pending.value?.emailVerified === false && ticket === null;
  return (
    <AuthPage
      title={t(unproved ? "auth.proveTitle" : "auth.nameTitle")}
      text={pending.value && t("auth.elsewhereText", { email: pending.value.email })}
      footer={
        <Link href={signInHref} className={linkClass}>
          {t("auth.toSignIn")}
        </Link>
      }
    >
      <SignUpNotes inviter={inviter} first={options?.firstUser ?? false} />
      <Loaded resource={pending} label={t("auth.waiting")}>
        {(who) =>
          unproved ? (
            <ProveAddress who={who} onTicket={setTicket} />
          ) : (
            <NameStep draft={{ ...who, refused: null }} label={t("auth.signUp")} onName={create} />
          )
        }
      </Loaded>
    </AuthPage>
  );
}

/** The provider has not seen that the address is theirs: a code shows it. */
function ProveAddress({ who, onTicket }: { who: PendingElsewhere; onTicket: (ticket: string | null) => void }) {
  const t = useT();
  const entrance = useEntrance();
  const { busy, problem, run } = useAction();
  const [sent, setSent] = useState<CodeSent | null>(null);
  const ask = async (): Promise<void> => setSent(await entrance.requestCode(who.email, "signup"));
  if (sent) {
    return (
      <CodeForm
        sent={sent}
        label={t("common.continue")}
        onCode={async (code) => onTicket(await entrance.proveAddress(who.email, code))}
        onResend={ask}
      />
    );
  }
  return (
    <div className="flex flex-col gap-4">
      {problem && <Trouble>{problem}</Trouble>}
      <Button wide busy={busy} onClick={() => void run(ask)}>
        {t("forms.sendCode")}
      </Button>
    </div>
  );
}
