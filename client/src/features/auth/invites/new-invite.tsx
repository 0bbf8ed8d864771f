import { useState, type ReactNode } from "react";

import { Invites, type MadeInvite } from "@/core/identity/invites.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useServices } from "@/hooks/services.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { RadioGroup } from "@/ui/radio-group.tsx";
import { TextField } from "@/ui/text-field.tsx";

const DAYS = ["1", "7", "30"] as const;
const USES = ["1", "5", "25"] as const;

export interface NewInviteProps {
  open: boolean;
  onClose: () => void;
  onMade: (made: MadeInvite) => void;
}

/** For how long, for how many, and a note to remember by. */
export function NewInvite({ open, onClose, onMade }: NewInviteProps) {
  const t = useT();
  return (
    <Dialog open={open} onClose={onClose} title={t("invites.make")} closeLabel={t("common.close")}>
      <div className="px-6 pt-1 pb-6">
        <InviteForm onMade={onMade} />
      </div>
    </Dialog>
  );
}

function InviteForm({ onMade }: { onMade: (made: MadeInvite) => void }) {
  const t = useT();
  const invites = useIdentity(Invites);
  const [days, setDays] = useState<(typeof DAYS)[number]>("7");
  const [uses, setUses] = useState<(typeof USES)[number]>("1");
  const [note, setNote] = useState("");
  const { trust } = useServices();
  const submit = useSubmit(async () => {
    const made = await invites.make({ maxUses: Number(uses), expiresInDays: Number(days), note: note.trim() });
    // Whoever follows the link knows our keys by it, and not by what the server says of them.
    const keys = await trust.invitation(uses === "1");
    onMade(keys === null ? made : { ...made, url: `${made.url}#${keys.fragment}`, proves: keys.mutual ? "both" : "maker" });
  });
  return (
    <Form submit={submit} label={t("invites.makeNow")} check={() => true}>
      <TextField
        label={t("invites.note")}
        hint={t("invites.noteHint")}
        autoComplete="off"
        maxLength={100}
        value={note}
        error={submit.fields["note"] ?? null}
        onChange={(event) => {
          setNote(event.target.value);
          submit.changed("note");
        }}
      />
      <Choice label={t("invites.goodFor")}>
        <RadioGroup
          label={t("invites.goodFor")}
          value={days}
          onChange={setDays}
          options={DAYS.map((value) => ({ value, label: t("forms.days", { count: Number(value) }) }))}
        />
      </Choice>
      <Choice label={t("invites.forHowMany")}>
        <RadioGroup
          label={t("invites.forHowMany")}
          value={uses}
          onChange={setUses}
          options={USES.map((value) => ({ value, label: t("invites.people", { count: Number(value) }) }))}
        />
      </Choice>
    </Form>
  );
}

function Choice({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1.5">
      <span aria-hidden="true" className="text-sm font-semibold text-ink">
        {label}
      </span>
      {children}
    </div>
  );
}
