import { useState } from "react";

import { Proof } from "@/core/identity/proof.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useMe } from "@/hooks/me.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Form } from "@/ui/form.tsx";
import { PasswordField } from "@/ui/password-field.tsx";

import { OwnName } from "../shared/own-name.tsx";

/** By the account's password. */
export function ByPassword({ onProved }: { onProved: () => void }) {
  const t = useT();
  const me = useMe();
  const proof = useIdentity(Proof);
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const submit = useSubmit(
    async () => {
      await proof.byPassword(password);
      onProved();
    },
    { invalid_password: "password" },
  );
  return (
    <Form
      submit={submit}
      label={t("common.continue")}
      check={() => {
        setTried(true);
        return password !== "";
      }}
    >
      <OwnName username={me?.username ?? ""} />
      <PasswordField
        label={t("forms.password")}
        name="password"
        autoComplete="current-password"
        enterKeyHint="go"
        showLabel={t("forms.showPassword")}
        hideLabel={t("forms.hidePassword")}
        value={password}
        error={submit.fields["password"] ?? (tried && !password ? t("forms.needPassword") : null)}
        onChange={(event) => {
          setPassword(event.target.value);
          submit.changed("password");
        }}
      />
    </Form>
  );
}
