import { MailCheck } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import type { CodeSent } from "@/core/identity/entrance.ts";
import { Recovery } from "@/core/identity/recovery.ts";
import { useCountdown } from "@/hooks/countdown.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { ConsoleNote } from "@/ui/console-note.tsx";
import { linkClass } from "@/ui/link.ts";
import { TextButton } from "@/ui/text-button.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { AuthPage } from "./auth-page.tsx";
import { CodeAddress } from "./code-address.tsx";

export interface ForgotPasswordProps {
  signInHref: string;
}

/** Asks for a letter with a link to choose a new password. What it says is the same for every address. */
export function ForgotPassword({ signInHref }: ForgotPasswordProps) {
  const t = useT();
  const recovery = useIdentity(Recovery);
  const [letter, setLetter] = useState<{ email: string; sent: CodeSent } | null>(null);
  const ask = async (email: string): Promise<void> => setLetter({ email, sent: await recovery.requestReset(email) });
  return (
    <AuthPage
      title={t("auth.forgotTitle")}
      text={letter ? undefined : t("auth.forgotText")}
      footer={
        <Link href={signInHref} className={linkClass}>
          {t("auth.toSignIn")}
        </Link>
      }
    >
      {letter ? (
        <Sent email={letter.email} sent={letter.sent} onAgain={() => ask(letter.email)} />
      ) : (
        <CodeAddress email="" label={t("auth.sendLink")} onAddress={ask} />
      )}
    </AuthPage>
  );
}

function Sent({ email, sent, onAgain }: { email: string; sent: CodeSent; onAgain: () => Promise<void> }) {
  const t = useT();
  const again = useSubmit(onAgain);
  const wait = useCountdown(sent);
  return (
    <div className="flex flex-col gap-4">
      <Banner icon={MailCheck} tone="good" shape="card" role="status">
        <span className="wrap-anywhere">{t("auth.linkSent", { email })}</span>
      </Banner>
      {sent.delivery === "console" && <ConsoleNote text={t("auth.linkOnConsole")} />}
      {again.problem && <Trouble>{again.problem}</Trouble>}
      {wait > 0 ? (
        <span className="min-h-6 text-sm text-ink-soft tabular-nums">{t("auth.linkAgainIn", { count: wait })}</span>
      ) : (
        <div>
          <TextButton busy={again.busy} disabled={again.waiting} onPress={() => void again.run()}>
            {t("auth.linkAgain")}
          </TextButton>
        </div>
      )}
    </div>
  );
}
