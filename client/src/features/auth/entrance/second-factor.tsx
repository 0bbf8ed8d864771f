import { useState } from "react";

import { useEntrance } from "@/hooks/identity.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { CodeField } from "@/ui/code-field.tsx";
import { Form } from "@/ui/form.tsx";
import { TextButton } from "@/ui/text-button.tsx";
import { TextField } from "@/ui/text-field.tsx";

import { AuthPage } from "./auth-page.tsx";

const DIGITS = 6;
/** Refusals that are about the code. */
const OWNERS = { invalid_code: "code" };

/** The second step of signing in, for whoever has turned it on: the app's digits, or a recovery code. */
export function SecondFactor({ onBack }: { onBack: () => void }) {
  const t = useT();
  const entrance = useEntrance();
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const submit = useSubmit(() => entrance.finish(code.trim()), OWNERS);
  const complete = recovery ? code.trim() !== "" : code.length === DIGITS;
  const missing = tried && !complete ? t(recovery ? "auth.needRecoveryCode" : "forms.shortCode") : null;
  const field = {
    name: "code",
    enterKeyHint: "go" as const,
    value: code,
    error: submit.fields["code"] ?? missing,
  };
  const change = (next: string): void => {
    setCode(next);
    submit.changed("code");
  };

  return (
    <AuthPage
      title={t("auth.secondFactorTitle")}
      text={t(recovery ? "auth.recoveryText" : "auth.secondFactorText")}
      onBack={onBack}
    >
      <Form
        key={String(recovery)}
        submit={submit}
        label={t("auth.signIn")}
        check={() => {
          setTried(true);
          return complete;
        }}
      >
        {recovery ? (
          <TextField
            label={t("auth.recoveryCode")}
            autoComplete="off"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            {...field}
            onChange={(event) => change(event.target.value)}
          />
        ) : (
          <CodeField label={t("auth.codeOfApp")} {...field} onChange={change} />
        )}
      </Form>
      <div className="mt-5">
        <TextButton
          onPress={() => {
            setRecovery(!recovery);
            setTried(false);
            change("");
          }}
        >
          {t(recovery ? "auth.useApp" : "auth.useRecoveryCode")}
        </TextButton>
      </div>
    </AuthPage>
  );
}
