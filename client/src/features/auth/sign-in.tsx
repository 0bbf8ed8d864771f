import { Info } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { PasswordField } from "@/ui/password-field.tsx";
import { TextField } from "@/ui/text-field.tsx";

import { AuthPage } from "./auth-page.tsx";
import { Form } from "./form.tsx";
import { linkClass } from "./link.ts";
import { useSubmit } from "./use-submit.ts";

export interface SignInProps {
  /** What ended the last session, to be told above the form. */
  notice: "none" | "signedOut" | "revoked" | "expired";
  /** Filled in for the person, when a session is to be renewed. */
  identifier?: string;
  signUpHref: string;
}

/** The way in for who has an account. Where to go afterwards is the router's business: it sees the session change. */
export function SignIn({ notice, identifier: known = "", signUpHref }: SignInProps) {
  const t = useT();
  const services = useServices();
  const [identifier, setIdentifier] = useState(known);
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const submit = useSubmit(() => services.session.signIn(identifier, password));

  const identifierError = tried && !identifier.trim() ? t("auth.needIdentifier") : submit.fields["identifier"];
  const passwordError = tried && !password ? t("auth.needPassword") : submit.fields["password"];

  return (
    <AuthPage
      title={t("auth.signInTitle")}
      footer={
        <>
          {t("auth.noAccount")}
          <Link href={signUpHref} className={linkClass}>
            {t("auth.signUp")}
          </Link>
        </>
      }
    >
      {notice !== "none" && (
        <div className="mb-6">
          <Banner icon={Info} shape="card" role="status">
            {t(`auth.${notice}`)}
          </Banner>
        </div>
      )}
      <Form
        submit={submit}
        label={t("auth.signIn")}
        check={() => {
          setTried(true);
          return identifier.trim() !== "" && password !== "";
        }}
      >
        <TextField
          label={t("auth.identifier")}
          name="username"
          autoComplete="username"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="next"
          value={identifier}
          error={identifierError ?? null}
          onChange={(event) => {
            setIdentifier(event.target.value);
            submit.changed("identifier");
          }}
        />
        <PasswordField
          label={t("auth.password")}
          name="password"
          autoComplete="current-password"
          enterKeyHint="go"
          showLabel={t("auth.showPassword")}
          hideLabel={t("auth.hidePassword")}
          value={password}
          error={passwordError ?? null}
          onChange={(event) => {
            setPassword(event.target.value);
            submit.changed("password");
          }}
        />
      </Form>
    </AuthPage>
  );
}
