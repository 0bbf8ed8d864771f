import { useState } from "react";

import { OwnAccount } from "@/core/identity/own-account.ts";
import type { Me } from "@/core/services.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { Section } from "@/ui/section.tsx";
import { TextField } from "@/ui/text-field.tsx";

const WIPED: readonly Key[] = ["account.wipedProfile", "account.wipedWays", "account.wipedHere"];
const STAYS: readonly Key[] = ["account.staysMessages", "account.staysGroups"];

/** The end of the account: what goes and what stays is said before. */
export function DeleteSection({ me }: { me: Me }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <Section title={t("account.delete")}>
      <p className="text-ink-soft text-pretty">{t("account.deleteText")}</p>
      <div className="-ms-5">
        <Button look="quiet-danger" onClick={() => setOpen(true)}>
          {t("account.deleteNow")}
        </Button>
      </div>
      <Dialog open={open} onClose={() => setOpen(false)} title={t("account.deleteTitle")} closeLabel={t("common.close")}>
        <div className="flex flex-col gap-5 px-6 pt-1 pb-6">
          <Told title={t("account.goes")} keys={WIPED} />
          <Told title={t("account.stays")} keys={STAYS} />
          <DeleteForm me={me} />
        </div>
      </Dialog>
    </Section>
  );
}

function Told({ title, keys }: { title: string; keys: readonly Key[] }) {
  const t = useT();
  return (
    <div>
      <h3 className="font-semibold">{title}</h3>
      <ul className="mt-1 flex list-disc flex-col gap-1 ps-5 text-ink-soft">
        {keys.map((key) => (
          <li key={key} className="text-pretty">
            {t(key)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function DeleteForm({ me }: { me: Me }) {
  const t = useT();
  const account = useIdentity(OwnAccount);
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const right = typed.trim().toLowerCase() === me.username.toLowerCase();
  const submit = useSubmit(() => account.delete(typed.trim()));
  return (
    <Form
      submit={submit}
      label={t("account.deleteForEver")}
      look="danger"
      check={() => {
        setTried(true);
        return right;
      }}
    >
      <TextField
        label={t("account.typeUsername", { username: me.username })}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        value={typed}
        error={submit.fields["username"] ?? (tried && !right ? t("account.typeUsername", { username: me.username }) : null)}
        onChange={(event) => {
          setTyped(event.target.value);
          submit.changed("username");
        }}
      />
    </Form>
  );
}
