import { useState } from "react";

import { checkPassword } from "@/hooks/rules.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Form } from "@/ui/form.tsx";

import { NewPassword } from "../shared/new-password.tsx";
import type { Draft } from "./sign-up-draft.ts";

export interface SecretStepProps {
  draft: Draft;
  onPassword: (password: string) => Promise<void>;
}

/** The last step: what keeps others out. */
export function SecretStep({ draft, onPassword }: SecretStepProps) {
  const t = useT();
  const [password, setPassword] = useState("");
  const [judged, setJudged] = useState(false);
  const submit = useSubmit(() => onPassword(password));
  return (
    <Form
      submit={submit}
      label={t("auth.signUp")}
      check={() => {
        setJudged(true);
        return checkPassword(password) === null;
      }}
    >
      <NewPassword
        username={draft.username}
        email={draft.email}
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
  );
}
