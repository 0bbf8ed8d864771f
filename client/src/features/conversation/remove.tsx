import { useRef, useState } from "react";

import type { MessageItem } from "@/core/services.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Confirm } from "@/ui/confirm.tsx";

export interface RemoveDialogProps {
  messages: readonly MessageItem[];
  /** So many others were chosen that are not the person's to delete. */
  staying?: number;
  onClose: () => void;
  /** All of them are gone. */
  onDone: () => void;
}

/** Asks before messages go away for everybody: one's own, or as an admin somebody else's. */
export function RemoveDialog({ messages: now, staying = 0, onClose, onDone }: RemoveDialogProps) {
  const t = useT();
  const say = useProblem();
  const services = useServices();
  // As asked: what is deleted is not among the chosen any more while the others go.
  const [messages] = useState(now);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const gone = useRef(0);
  const count = messages.length;
  const many = count + staying > 1;
  const mine = messages.every((each) => each.mine);

  async function remove(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      // One after the other, and from where it went wrong the last time.
      for (const { key, mine: own } of messages.slice(gone.current)) {
        await (own ? services.messages.deleteForAll(key) : services.messages.moderate(key));
        gone.current += 1;
      }
      onDone();
    } catch (error) {
      setProblem(say(error));
      setBusy(false);
    }
  }

  const text = many
    ? t(mine ? "conversation.deleteManyText" : "conversation.moderateManyText", { count })
    : t(mine ? "conversation.deleteText" : "conversation.moderateText");
  return (
    <Confirm
      open
      danger
      title={many ? t("conversation.deleteManyTitle", { count }) : t("conversation.deleteTitle")}
      text={staying > 0 ? `${text} ${t("conversation.deleteStaying", { count: staying })}` : text}
      confirmLabel={t("conversation.delete")}
      cancelLabel={t("common.cancel")}
      busy={busy}
      problem={problem}
      onConfirm={() => void remove()}
      onCancel={onClose}
    />
  );
}
