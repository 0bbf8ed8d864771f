import { useState } from "react";

import { Passkeys, type Passkey } from "@/core/identity/passkeys.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { createPasskey } from "@/hooks/passkey.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { toast } from "@/ui/toast-store.ts";

export interface PasskeyDialogProps {
  /** The passkey to be renamed, "new" to add one; null: the window is closed. */
  editing: Passkey | "new" | null;
  onClose: () => void;
  onChanged: () => void;
}

/** Adds a passkey under a name that tells it from others, or renames one. */
export function PasskeyDialog({ editing, onClose, onChanged }: PasskeyDialogProps) {
  const t = useT();
  const [last, setLast] = useState(editing);
  if (editing !== null && editing !== last) setLast(editing);
  const title = last === "new" ? t("security.addPasskey") : t("security.renamePasskey");
  return (
    <Dialog
      open={editing !== null}
      onClose={onClose}
      title={title}
      {...(last === "new" ? { description: t("security.addPasskeyText") } : {})}
      closeLabel={t("common.close")}
    >
      <div className="px-6 pt-2 pb-6">
        {last && (
          <NameForm
            passkey={last}
            onDone={() => {
              onChanged();
              onClose();
            }}
          />
        )}
      </div>
    </Dialog>
  );
}

function NameForm({ passkey, onDone }: { passkey: Passkey | "new"; onDone: () => void }) {
  const t = useT();
  const passkeys = useIdentity(Passkeys);
  const [name, setName] = useState(passkey === "new" ? t("security.passkeyName") : passkey.name);
  const submit = useSubmit(async () => {
    if (passkey === "new") await passkeys.add(name.trim(), createPasskey);
    else await passkeys.rename(passkey.id, name.trim());
    toast(t(passkey === "new" ? "security.passkeyAdded" : "security.passkeyRenamed"), "good");
    onDone();
  });
  return (
    <Form submit={submit} label={passkey === "new" ? t("common.continue") : t("common.save")} check={() => name.trim() !== ""}>
      <TextField
        label={t("security.nameOfPasskey")}
        hint={t("security.nameOfPasskeyHint")}
        autoComplete="off"
        maxLength={64}
        value={name}
        error={name.trim() ? (submit.fields["name"] ?? null) : t("security.needName")}
        onChange={(event) => {
          setName(event.target.value);
          submit.changed("name");
        }}
      />
    </Form>
  );
}
