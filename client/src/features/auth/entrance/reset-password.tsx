import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import { Recovery } from "@/core/identity/recovery.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { checkPassword } from "@/hooks/rules.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { Form } from "@/ui/form.tsx";
import { linkClass } from "@/ui/link.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { NewPassword } from "../shared/new-password.tsx";
import { AuthPage } from "./auth-page.tsx";

export interface ResetPasswordProps {
  /** From the link's fragment; empty: the link was cut short. */
  token: string;
  signInHref: string;
  forgotHref: string;
}

/** Chooses a new password with the link of a letter. Signing in comes after it: a second factor may be due. */
export function ResetPassword({ token, signInHref, forgotHref }: ResetPasswordProps) {
  const t = useT();
  const recovery = useIdentity(Recovery);
  const [password, setPassword] = useState("");
  const [judged, setJudged] = useState(false);
  const [done, setDone] = useState(false);
  const submit = useSubmit(async () => {
    await recovery.reset(token, password);
    setDone(true);
  });

  if (done) {
    return (
      <AuthPage title={t("auth.resetDoneTitle")}>
        <div className="flex flex-col gap-6">
          <Banner icon={CircleCheck} tone="good" shape="card" role="status">
            {t("auth.resetDone")}
          </Banner>
          <Button wide asChild>
            <Link href={signInHref}>{t("auth.signIn")}</Link>
          </Button>
        </div>
      </AuthPage>
    );
  }
  return (
    <AuthPage
      title={t("auth.resetTitle")}
      text={token ? t("auth.resetText") : undefined}
      footer={
        <Link href={forgotHref} className={linkClass}>
          {t("auth.newLink")}
        </Link>
      }
    >
      {token ? (
        <Form
          submit={submit}
          label={t("auth.savePassword")}
          check={() => {
            setJudged(true);
            return checkPassword(password) === null;
          }}
        >
          <NewPassword
            username=""
            value={password}
            judged={judged}
            refused={submit.fields["password"] ?? null}
            onJudge={() => setJudged(true)}
            onChange={(value) => {
              setPassword(value);
              submit.changed("password");
            }}
          />
        </Form>
      ) : (
        <Trouble>{t("auth.linkBroken")}</Trouble>
      )}
    </AuthPage>
  );
}
