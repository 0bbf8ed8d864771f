import { useState } from "react";

import { OwnAccount } from "@/core/identity/own-account.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useMe } from "@/hooks/me.ts";
import { checkPassword } from "@/hooks/rules.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { Section } from "@/ui/section.tsx";
import { toast } from "@/ui/toast-store.ts";

import { NewPassword } from "../shared/new-password.tsx";

/** A new password; whoever has none gets one. Who asks is proved by the window for that. */
export function PasswordSection() {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <Section title={t("forms.password")}>
      <p className="text-ink-soft text-pretty">{t("security.passwordText")}</p>
      <div>
        <Button look="soft" onClick={() => setOpen(true)}>
          {t("security.changePassword")}
        </Button>
      </div>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t("security.changePassword")}
        description={t("security.othersEnd")}
        closeLabel={t("common.close")}
      >
        <div className="px-6 pt-2 pb-6">
          <PasswordForm onDone={() => setOpen(false)} />
        </div>
      </Dialog>
    </Section>
  );
}

function PasswordForm({ onDone }: { onDone: () => void }) {
  const t = useT();
  const me = useMe();
  const account = useIdentity(OwnAccount);
  const [password, setPassword] = useState("");
  const [judged, setJudged] = useState(false);
  const submit = useSubmit(async () => {
    await account.setPassword(password);
    toast(t("security.passwordChanged"), "good");
    onDone();
  });
  return (
    <Form
      submit={submit}
      label={t("security.savePassword")}
      check={() => {
        setJudged(true);
        return checkPassword(password) === null;
      }}
    >
      <NewPassword
        username={me?.username ?? ""}
        email={me?.email ?? ""}
        value={password}
        judged={judged}
        refused={submit.fields["newPassword"] ?? null}
        onJudge={() => setJudged(true)}
        onChange={(value) => {
          setPassword(value);
          submit.changed("newPassword");
        }}
      />
    </Form>
  );
}
