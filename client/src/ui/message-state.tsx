import { Check, CheckCheck, CircleAlert, Clock3 } from "lucide-react";
import { cx } from "./cx.ts";

/** How far one's own message has come. */
export type MessageStateName = "queued" | "sending" | "sent" | "delivered" | "read" | "failed";

const icons = {
  queued: Clock3,
  sending: Clock3,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
};

/** A clock, one tick, two ticks, two peacock-blue ticks, or a red mark. `label` says it in words. */
export function MessageState({ state, label }: { state: MessageStateName; label: string }) {
  const Icon = icons[state];
  return (
    <span className="inline-flex shrink-0" data-message-state={state}>
      <Icon
        aria-hidden="true"
        strokeWidth={state === "read" ? 2.75 : 2.25}
        className={cx("size-4", state === "read" && "text-read", state === "failed" && "text-danger")}
      />
      <span className="sr-only">{label}</span>
    </span>
  );
}
