import { useState } from "react";

import { OwnAccount } from "@/core/identity/own-account.ts";
import type { Me } from "@/core/services.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { checkUsername } from "@/hooks/rules.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useUsername } from "@/hooks/username.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { Section } from "@/ui/section.tsx";
import { Spinner } from "@/ui/spinner.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { toast } from "@/ui/toast-store.ts";

/** The name to be found by. */
export function UsernameSection({ me }: { me: Me }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <Section title={t("forms.username")}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 font-semibold wrap-anywhere">@{me.username}</p>
        <Button look="soft" size="sm" onClick={() => setOpen(true)}>
          {t("account.changeUsername")}
        </Button>
      </div>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t("account.changeUsername")}
        description={t("account.usernameText")}
        closeLabel={t("common.close")}
      >
        <div className="px-6 pt-2 pb-6">
          <UsernameForm me={me} onDone={() => setOpen(false)} />
        </div>
      </Dialog>
    </Section>
  );
}

function UsernameForm({ me, onDone }: { me: Me; onDone: () => void }) {
  const t = useT();
  const account = useIdentity(OwnAccount);
  const [username, setUsername] = useState(me.username);
  const [judged, setJudged] = useState(false);
  const own = username.trim().toLowerCase() === me.username.toLowerCase();
  const availability = useUsername(username);
  const submit = useSubmit(
    async () => {
      if (username.trim() !== me.username) await account.changeUsername(username.trim());
      toast(t("account.usernameChanged", { username: username.trim() }), "good");
      onDone();
    },
    { username_taken: "username" },
  );
  const problem = judged ? checkUsername(username) : null;
  const taken = !own && availability.state === "taken" ? t("forms.usernameTaken", { ...availability }) : null;
  return (
    <Form
      submit={submit}
      label={t("common.save")}
      check={() => {
        setJudged(true);
        return checkUsername(username) === null && taken === null;
      }}
    >
      <TextField
        label={t("forms.username")}
        hint={t("forms.usernameHint")}
        success={!own && availability.state === "free" ? t("forms.usernameFree", { ...availability }) : null}
        end={!own && availability.state === "checking" ? <Spinner size="sm" /> : undefined}
        prefix="@"
        name="username"
        autoComplete="username"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        value={username}
        error={(problem && t(problem.key)) ?? taken ?? submit.fields["username"] ?? null}
        onChange={(event) => {
          setUsername(event.target.value);
          submit.changed("username");
        }}
        onBlur={() => setJudged(true)}
      />
    </Form>
  );
}
