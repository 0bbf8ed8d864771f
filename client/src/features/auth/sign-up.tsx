import { useState } from "react";
import { Link } from "wouter";

import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { PasswordField } from "@/ui/password-field.tsx";
import { Spinner } from "@/ui/spinner.tsx";
import { TextField } from "@/ui/text-field.tsx";

import { AuthPage } from "./auth-page.tsx";
import { checkDisplayName, checkEmail, checkPassword, checkUsername, type Problem } from "./check.ts";
import { Form } from "./form.tsx";
import { linkClass } from "./link.ts";
import { useSubmit } from "./use-submit.ts";
import { useUsername } from "./use-username.ts";

const EMPTY = { username: "", displayName: "", email: "", password: "" };
type Field = keyof typeof EMPTY;
const CHECKS: Record<Field, (value: string) => Problem> = {
  username: checkUsername,
  displayName: checkDisplayName,
  email: checkEmail,
  password: checkPassword,
};
/** Refusals that belong to a field. */
const OWNERS = { username_taken: "username", email_taken: "email" };

export interface SignUpProps {
  signInHref: string;
}

/** A new account. A field is judged once the person has left it, and everything when they press the button. */
export function SignUp({ signInHref }: SignUpProps) {
  const t = useT();
  const services = useServices();
  const [values, setValues] = useState(EMPTY);
  const [judged, setJudged] = useState<ReadonlySet<Field>>(new Set());
  const availability = useUsername(values.username);
  const { username, displayName, email, password } = values;
  const submit = useSubmit(
    () =>
      services.session.signUp({
        username: username.trim(),
        email: email.trim(),
        password,
        ...(displayName.trim() ? { displayName: displayName.trim() } : {}),
      }),
    OWNERS,
  );

  const errorOf = (field: Field): string | null => {
    const problem = judged.has(field) ? CHECKS[field](values[field]) : null;
    if (problem) return t(problem.key, problem.params);
    if (field === "username" && availability.state === "taken") return t("auth.usernameTaken", { ...availability });
    return submit.fields[field] ?? null;
  };
  const bind = (field: Field) => ({
    name: field,
    value: values[field],
    error: errorOf(field),
    onChange: (event: { target: { value: string } }) => {
      setValues({ ...values, [field]: event.target.value });
      submit.changed(field);
    },
    onBlur: () => values[field] && setJudged(new Set(judged).add(field)),
  });

  return (
    <AuthPage
      title={t("auth.signUpTitle")}
      footer={
        <>
          {t("auth.haveAccount")}
          <Link href={signInHref} className={linkClass}>
            {t("auth.signIn")}
          </Link>
        </>
      }
    >
      <Form
        submit={submit}
        label={t("auth.signUp")}
        check={() => {
          setJudged(new Set(Object.keys(CHECKS) as Field[]));
          const sound = (Object.keys(CHECKS) as Field[]).every((field) => CHECKS[field](values[field]) === null);
          return sound && availability.state !== "taken";
        }}
      >
        <TextField
          label={t("auth.username")}
          hint={t("auth.usernameHint")}
          success={availability.state === "free" ? t("auth.usernameFree", { ...availability }) : null}
          end={availability.state === "checking" ? <Spinner size="sm" /> : undefined}
          prefix="@"
          autoComplete="username"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="next"
          {...bind("username")}
        />
        <TextField
          label={t("auth.displayName")}
          hint={t("auth.displayNameHint")}
          autoComplete="name"
          enterKeyHint="next"
          {...bind("displayName")}
        />
        <TextField
          label={t("auth.email")}
          hint={t("auth.emailHint")}
          type="email"
          inputMode="email"
          autoComplete="email"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="next"
          {...bind("email")}
        />
        <PasswordField
          label={t("auth.password")}
          hint={t("auth.passwordHint")}
          autoComplete="new-password"
          enterKeyHint="go"
          showLabel={t("auth.showPassword")}
          hideLabel={t("auth.hidePassword")}
          {...bind("password")}
        />
      </Form>
    </AuthPage>
  );
}
