import { Ban, ChevronDown, Copy, Pencil, RotateCw } from "lucide-react";

import type { MessageItem } from "@/core/services.ts";
import { useServices } from "@/hooks/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { Avatar, clothInk } from "@/ui/avatar.tsx";
import { clothOf } from "@/ui/avatar-model.ts";
import { cx } from "@/ui/cx.ts";
import { Menu, type MenuItem } from "@/ui/menu.tsx";
import { MessageState } from "@/ui/message-state.tsx";
import { toast } from "@/ui/toast-store.ts";

import { Text } from "./text.tsx";

const STATES: Record<NonNullable<MessageItem["state"]>, Key> = {
  queued: "conversation.queued",
  sent: "conversation.sent",
  delivered: "conversation.delivered",
  read: "conversation.read",
  failed: "conversation.failed",
};

export interface BubbleProps {
  message: MessageItem;
  first: boolean;
  last: boolean;
  /** In groups: who says it, with a face at the end of the run. */
  sender: { id: string; name: string } | null;
  onEdit: (message: MessageItem) => void;
}

/** One message: one's own at the end on marigold paper, others' at the start. */
export function Bubble({ message, first, last, sender, onEdit }: BubbleProps) {
  const t = useT();
  const format = useFormat();
  const { mine, state } = message;
  return (
    <div className={cx("group flex items-end gap-2", mine ? "flex-row-reverse ps-10" : "pe-10", first ? "pt-2.5" : "pt-0.5")}>
      {sender && <span className="w-7 shrink-0">{last && <Avatar id={sender.id} name={sender.name} size="xs" />}</span>}
      <div className={cx("flex max-w-[min(100%,38rem)] min-w-0 flex-col", mine ? "items-end" : "items-start")}>
        <div
          data-bubble
          data-mine={mine}
          className={cx(
            "relative max-w-full rounded-bubble px-3.5 py-2 shadow-bubble",
            mine ? "bg-own text-on-own" : "bg-other text-on-other",
            last && (mine ? "rounded-ee-nub" : "rounded-es-nub"),
            state === "queued" && "opacity-80",
          )}
        >
          {sender && first && (
            <span className={cx("mb-0.5 block truncate text-sm font-semibold", clothInk[clothOf(sender.id)])}>{sender.name}</span>
          )}
          {message.body.t === "text" ? <Text text={message.body.text} /> : <em>{t("conversation.newer")}</em>}
          <span
            className={cx(
              "float-end ms-3 mt-1.5 -mb-0.5 inline-flex translate-y-0.5 items-center gap-1 text-2xs tabular-nums",
              mine ? "text-on-own-soft" : "text-on-other-soft",
            )}
          >
            <time dateTime={new Date(message.timestamp).toISOString()}>{format.time(message.timestamp)}</time>
            {state && <MessageState state={state} label={t(STATES[state])} />}
          </span>
        </div>
        {message.failure && <Failed message={message} reason={message.failure.message} onEdit={onEdit} />}
      </div>
      <Actions message={message} onEdit={onEdit} />
    </div>
  );
}

/** What can be done with a message that was refused for good, right where it stands. */
function Failed({ message, reason, onEdit }: { message: MessageItem; reason: string; onEdit: (message: MessageItem) => void }) {
  const t = useT();
  const services = useServices();
  const button = "rounded-full px-2.5 py-1 font-semibold text-brand hover:bg-hover pointer-coarse:py-3";
  return (
    <div role="group" className="mt-1 flex flex-wrap items-center justify-end gap-x-1 text-sm">
      <span className="pe-1 text-danger">{t("conversation.notSent", { reason })}</span>
      <button type="button" className={button} onClick={() => void services.messages.retry(message.key)}>
        {t("conversation.retry")}
      </button>
      <button type="button" className={button} onClick={() => onEdit(message)}>
        {t("conversation.edit")}
      </button>
      <button type="button" className={button} onClick={() => void services.messages.cancel(message.key)}>
        {t("conversation.cancel")}
      </button>
    </div>
  );
}

function Actions({ message, onEdit }: { message: MessageItem; onEdit: (message: MessageItem) => void }) {
  const t = useT();
  const services = useServices();
  const text = message.body.t === "text" ? message.body.text : null;
  const items: MenuItem[] = [];
  if (text !== null) items.push({ label: t("conversation.copy"), icon: Copy, onSelect: () => void copy(text) });
  if (message.state === "failed") {
    items.push({ label: t("conversation.retry"), icon: RotateCw, onSelect: () => void services.messages.retry(message.key) });
  }
  if (message.state === "queued" || message.state === "failed") {
    items.push({ label: t("conversation.edit"), icon: Pencil, onSelect: () => onEdit(message) });
    items.push({ label: t("conversation.cancel"), icon: Ban, danger: true, onSelect: () => void cancel() });
  }
  if (items.length === 0) return null;

  async function copy(what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(what);
      toast(t("conversation.copied"));
    } catch {
      toast(t("conversation.copyFailed"), "danger");
    }
  }
  async function cancel(): Promise<void> {
    if (!(await services.messages.cancel(message.key))) toast(t("conversation.tooLate"), "danger");
  }

  return (
    <span className="shrink-0 self-center opacity-0 transition-opacity group-hover:opacity-100 focus-within:opacity-100 has-data-[state=open]:opacity-100 pointer-coarse:opacity-60">
      <Menu
        align={message.mine ? "end" : "start"}
        items={items}
        trigger={
          <button
            type="button"
            aria-label={t("conversation.more")}
            className="flex size-8 items-center justify-center rounded-full text-ink-soft hover:bg-pressed pointer-coarse:size-11"
          >
            <ChevronDown aria-hidden="true" className="size-4.5" />
          </button>
        }
      />
    </span>
  );
}
