import { useState } from "react";

import type { MessageItem } from "@/core/services.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Confirm } from "@/ui/confirm.tsx";

/** Asks before one's own poll is over. */
export function EndPoll({ message, onClose }: { message: MessageItem; onClose: () => void }) {
  const t = useT();
  const say = useProblem();
  const { messages } = useServices();
  const [problem, setProblem] = useState<string | null>(null);
  async function end(): Promise<void> {
    try {
      await messages.closePoll(message.key);
      onClose();
    } catch (error) {
      setProblem(say(error));
    }
  }
  return (
    <Confirm
      open
      title={t("polls.endTitle")}
      text={t("polls.endText")}
      confirmLabel={t("polls.end")}
      cancelLabel={t("common.cancel")}
      problem={problem}
      onConfirm={() => void end()}
      onCancel={onClose}
    />
  );
}
