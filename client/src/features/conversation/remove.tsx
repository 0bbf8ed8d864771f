import { useState } from "react";

import type { MessageItem } from "@/core/services.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Confirm } from "@/ui/confirm.tsx";

/** Asks before a message goes away for everybody: one's own, or as an admin somebody else's. */
export function RemoveDialog({ message, onClose }: { message: MessageItem; onClose: () => void }) {
  const t = useT();
  const say = useProblem();
  const { messages } = useServices();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  async function remove(): Promise<void> {
    setBusy(true);
    try {
      await (message.mine ? messages.deleteForAll(message.key) : messages.moderate(message.key));
      onClose();
    } catch (error) {
      setProblem(say(error));
      setBusy(false);
    }
  }
  return (
    <Confirm
      open
      danger
      title={t("conversation.deleteTitle")}
      text={t(message.mine ? "conversation.deleteText" : "conversation.moderateText")}
      confirmLabel={t("conversation.delete")}
      cancelLabel={t("common.cancel")}
      busy={busy}
      problem={problem}
      onConfirm={() => void remove()}
      onCancel={onClose}
    />
  );
}
