import { useState, type FormEvent } from "react";

import { MAX_GROUP_NAME, overlong } from "@/core/limits.ts";
import type { ChatDetail } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { Trouble } from "@/ui/trouble.tsx";

export interface RenameProps {
  open: boolean;
  chat: ChatDetail;
  onClose: () => void;
}

/** Asks for another name of the group. */
export function Rename({ open, chat, onClose }: RenameProps) {
  const t = useT();
  return (
    <Dialog open={open} onClose={onClose} title={t("group.rename")} closeLabel={t("common.close")}>
      <RenameForm chat={chat} onClose={onClose} />
    </Dialog>
  );
}

function RenameForm({ chat, onClose }: Omit<RenameProps, "open">) {
  const t = useT();
  const services = useServices();
  const [name, setName] = useState(chat.name ?? "");
  const { busy, problem, run } = useAction();
  const tooLong = overlong(name, MAX_GROUP_NAME);
  const wrong = name.trim() === "" ? t("group.needName") : tooLong > 0 ? t("group.longName", { count: tooLong }) : null;

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (wrong) return;
    if (name.trim() === chat.name) return onClose();
    if (await run(() => services.chats.rename(chat.id, name))) onClose();
  };

  return (
    <form noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-4 px-6 pb-5">
      {problem && <Trouble>{problem}</Trouble>}
      <TextField
        // The window is there for this field alone.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        onFocus={(event) => event.currentTarget.select()}
        label={t("group.renameLabel")}
        error={wrong}
        value={name}
        autoComplete="off"
        enterKeyHint="done"
        onChange={(event) => setName(event.target.value)}
      />
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" busy={busy} disabled={wrong !== null}>
          {t("common.save")}
        </Button>
      </div>
    </form>
  );
}
