import { useState } from "react";
import { Link } from "wouter";

import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Form } from "@/ui/form.tsx";
import { linkClass } from "@/ui/link.ts";
import { PasswordField } from "@/ui/password-field.tsx";
import { TextField } from "@/ui/text-field.tsx";

export interface PasswordFormProps {
  identifier: string;
  onIdentifier: (identifier: string) => void;
  onPassword: (password: string) => Promise<void>;
  forgotHref: string;
}

/** Name and password. */
export function PasswordForm({ identifier, onIdentifier, onPassword, forgotHref }: PasswordFormProps) {
  const t = useT();
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const submit = useSubmit(() => onPassword(password));

  const identifierError = tried && !identifier.trim() ? t("auth.needIdentifier") : submit.fields["identifier"];
  const passwordError = tried && !password ? t("forms.needPassword") : submit.fields["password"];
  return (
    <>
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
          autoComplete="username webauthn"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="next"
          value={identifier}
          error={identifierError ?? null}
          onChange={(event) => {
            onIdentifier(event.target.value);
            submit.changed("identifier");
          }}
        />
        <PasswordField
          label={t("forms.password")}
          name="password"
          autoComplete="current-password"
          enterKeyHint="go"
          showLabel={t("forms.showPassword")}
          hideLabel={t("forms.hidePassword")}
          value={password}
          error={passwordError ?? null}
          onChange={(event) => {
            setPassword(event.target.value);
            submit.changed("password");
          }}
        />
      </Form>
      {/* After the button: on the way from one field to the next it would be in the way of the keyboard. */}
      <p className="mt-4 text-center">
        <Link href={forgotHref} className={`${linkClass} text-sm`}>
          {t("auth.forgot")}
        </Link>
      </p>
    </>
  );
}
