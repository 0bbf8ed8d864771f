import { usePasswordJudgement } from "@/hooks/password.ts";
import { checkPassword } from "@/hooks/rules.ts";
import { useLanguage, useT } from "@/i18n/index.ts";
import { PasswordField } from "@/ui/password-field.tsx";

import { OwnName } from "./own-name.tsx";

export interface NewPasswordProps {
  /** Whose it is, so that a password manager keeps both together. */
  username: string;
  email?: string;
  value: string;
  /** Says what is wrong with it: once the field was left or the form sent. */
  judged: boolean;
  /** What the server said of it. */
  refused: string | null;
  onChange: (value: string) => void;
  onJudge: () => void;
}

/** A password that is being chosen. */
export function NewPassword({ username, email = "", value, judged, refused, onChange, onJudge }: NewPasswordProps) {
  const t = useT();
  const language = useLanguage();
  const judgement = usePasswordJudgement(value, { username, email });
  const problem = judged ? checkPassword(value) : null;
  // The server speaks English, and is more exact.
  const weak = judgement.refused ? ((language === "en" ? judgement.reason : null) ?? t("forms.weakPassword")) : null;
  return (
    <>
      <OwnName username={username} />
      <PasswordField
        label={t("forms.newPassword")}
        hint={t("forms.passwordHint")}
        name="new-password"
        autoComplete="new-password"
        enterKeyHint="go"
        showLabel={t("forms.showPassword")}
        hideLabel={t("forms.hidePassword")}
        value={value}
        error={(problem && t(problem.key, problem.params)) ?? weak ?? refused}
        onChange={(event) => onChange(event.target.value)}
        onBlur={() => value && onJudge()}
      />
    </>
  );
}
