import { useState } from "react";

import { Proof } from "@/core/identity/proof.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { CodeField } from "@/ui/code-field.tsx";
import { Form } from "@/ui/form.tsx";

const DIGITS = 6;

/** By the digits that the authenticator app shows. */
export function ByApp({ onProved }: { onProved: () => void }) {
  const t = useT();
  const proof = useIdentity(Proof);
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const submit = useSubmit(
    async () => {
      await proof.byApp(code);
      onProved();
    },
    { invalid_code: "code" },
  );
  return (
    <Form
      submit={submit}
      label={t("common.continue")}
      check={() => {
        setTried(true);
        return code.length === DIGITS;
      }}
    >
      <CodeField
        label={t("stepUp.codeOfApp")}
        enterKeyHint="go"
        value={code}
        error={submit.fields["code"] ?? submit.fields["totp"] ?? (tried && code.length < DIGITS ? t("forms.shortCode") : null)}
        onChange={(next) => {
          setCode(next);
          submit.changed("code");
        }}
      />
    </Form>
  );
}
