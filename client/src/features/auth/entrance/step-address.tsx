import { useState } from "react";

import { checkEmail } from "@/hooks/rules.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Form } from "@/ui/form.tsx";
import { TextField } from "@/ui/text-field.tsx";

import type { Draft } from "./sign-up-draft.ts";

/** Refusals that are about the address. */
const OWNERS = { email_taken: "email" };

export interface AddressStepProps {
  draft: Draft;
  onAddress: (email: string) => Promise<void>;
}

/** The first step: where the account's letters go. */
export function AddressStep({ draft, onAddress }: AddressStepProps) {
  const t = useT();
  const [email, setEmail] = useState(draft.email);
  const [judged, setJudged] = useState(false);
  const submit = useSubmit(() => onAddress(email.trim()), OWNERS);
  const problem = judged ? checkEmail(email) : null;
  const refused = draft.refused?.field === "email" && email.trim() === draft.email ? draft.refused.text : null;

  return (
    <Form
      submit={submit}
      label={t("common.continue")}
      check={() => {
        setJudged(true);
        return checkEmail(email) === null;
      }}
    >
      <TextField
        label={t("forms.email")}
        hint={t("auth.emailHint")}
        type="email"
        name="email"
        inputMode="email"
        autoComplete="email"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="next"
        value={email}
        error={(problem && t(problem.key, problem.params)) ?? submit.fields["email"] ?? refused}
        onChange={(event) => {
          setEmail(event.target.value);
          submit.changed("email");
        }}
        onBlur={() => email && setJudged(true)}
      />
    </Form>
  );
}
