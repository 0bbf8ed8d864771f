import { useState } from "react";

import { checkEmail } from "@/hooks/rules.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Form } from "@/ui/form.tsx";
import { TextField } from "@/ui/text-field.tsx";

export interface CodeAddressProps {
  /** On the button. */
  label: string;
  /** Filled in for the person, when they have written it already. */
  email: string;
  onAddress: (email: string) => Promise<void>;
}

/** Where to send a letter: a code to sign in with, a link to choose a new password. */
export function CodeAddress({ email: known, label, onAddress }: CodeAddressProps) {
  const t = useT();
  const [email, setEmail] = useState(known);
  const [judged, setJudged] = useState(false);
  const submit = useSubmit(() => onAddress(email.trim()));
  const problem = judged ? checkEmail(email) : null;
  return (
    <Form
      submit={submit}
      label={label}
      check={() => {
        setJudged(true);
        return checkEmail(email) === null;
      }}
    >
      <TextField
        label={t("forms.email")}
        type="email"
        name="email"
        inputMode="email"
        autoComplete="email"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="send"
        value={email}
        error={(problem && t(problem.key, problem.params)) ?? submit.fields["email"] ?? null}
        onChange={(event) => {
          setEmail(event.target.value);
          submit.changed("email");
        }}
      />
    </Form>
  );
}
