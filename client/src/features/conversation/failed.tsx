import type { ReactNode } from "react";

import type { Failure, MessageItem } from "@/core/services.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useT } from "@/i18n/index.ts";

import type { Asks } from "./asks.ts";
import { useMessageActions } from "./use-message-actions.ts";

export interface FailedProps {
  message: MessageItem;
  failure: Failure;
  asks: Asks;
}

/** Why a message was refused for good, and what can be done about it, right where it stands. */
export function Failed({ message, failure, asks }: FailedProps) {
  const t = useT();
  const say = useProblem();
  const act = useMessageActions(message);
  const button =
    "rounded-full px-3 py-1 font-semibold text-brand transition-colors hover:bg-hover last:text-danger pointer-coarse:py-2.5";
  const text = message.body.t === "text" ? message.body.text : null;
  // Whoever cannot be reached is not reached by trying again.
  if (failure.code === "not_reachable") {
    return (
      <Reason reason={say(failure)}>
        {text !== null && (
          <button type="button" className={button} onClick={() => void act.copy(text)}>
            {t("conversation.copy")}
          </button>
        )}
        <button type="button" className={button} onClick={act.cancel}>
          {t("conversation.deleteMany")}
        </button>
      </Reason>
    );
  }
  return (
    <Reason reason={say(failure)}>
      <button type="button" className={button} onClick={act.retry}>
        {t("conversation.retry")}
      </button>
      {text !== null && (
        <button type="button" className={button} onClick={() => asks.edit(message)}>
          {t("conversation.edit")}
        </button>
      )}
      <button type="button" className={button} onClick={act.cancel}>
        {t("conversation.cancel")}
      </button>
    </Reason>
  );
}

function Reason({ reason, children }: { reason: string; children: ReactNode }) {
  const t = useT();
  return (
    <div role="group" aria-label={t("conversation.failed")} className="mt-1 flex flex-col items-end text-end text-sm">
      <p className="px-3 text-danger text-pretty">{t("conversation.notSent", { reason })}</p>
      <p className="flex flex-wrap justify-end">{children}</p>
    </div>
  );
}
