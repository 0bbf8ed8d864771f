import type { Failure, MessageItem } from "@/core/services.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useT } from "@/i18n/index.ts";

import { useMessageActions } from "./actions.tsx";

export interface FailedProps {
  message: MessageItem;
  failure: Failure;
  onEdit: (message: MessageItem) => void;
}

/** Why a message was refused for good, and what can be done about it, right where it stands. */
export function Failed({ message, failure, onEdit }: FailedProps) {
  const t = useT();
  const say = useProblem();
  const act = useMessageActions(message, onEdit);
  const button =
    "rounded-full px-3 py-1 font-semibold text-brand transition-colors hover:bg-hover last:text-danger pointer-coarse:py-2.5";
  return (
    <div role="group" aria-label={t("conversation.failed")} className="mt-1 flex flex-col items-end text-end text-sm">
      <p className="px-3 text-danger text-pretty">{t("conversation.notSent", { reason: say(failure) })}</p>
      <p className="flex flex-wrap justify-end">
        <button type="button" className={button} onClick={act.retry}>
          {t("conversation.retry")}
        </button>
        <button type="button" className={button} onClick={act.edit}>
          {t("conversation.edit")}
        </button>
        <button type="button" className={button} onClick={act.cancel}>
          {t("conversation.cancel")}
        </button>
      </p>
    </div>
  );
}
