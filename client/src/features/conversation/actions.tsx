import { Ban, ChevronDown, Copy, Pencil, RotateCw } from "lucide-react";

import type { MessageItem } from "@/core/services.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { cx } from "@/ui/cx.ts";
import { DeferredMenu } from "@/ui/deferred-menu.tsx";
import type { MenuItem } from "@/ui/menu.tsx";
import { toast } from "@/ui/toast-store.ts";

import { STOP } from "./roving.ts";

/** What can be done with one's own message that has not left, or with any text. Trouble is told in a notice. */
export function useMessageActions(message: MessageItem, onEdit: (message: MessageItem) => void) {
  const t = useT();
  const say = useProblem();
  const { messages } = useServices();
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      toast(say(error), "danger");
    }
  };
  return {
    retry: () => void attempt(() => messages.retry(message.key)),
    edit: () => onEdit(message),
    unavailable: () => toast(t("problems.offline"), "danger"),
    cancel: () =>
      void attempt(async () => {
        if (!(await messages.cancel(message.key))) toast(t("conversation.tooLate"), "danger");
      }),
    copy: async (text: string): Promise<void> => {
      try {
        await navigator.clipboard.writeText(text);
        toast(t("conversation.copied"), "good");
      } catch {
        toast(t("conversation.copyFailed"), "danger");
      }
    },
  };
}

export interface ActionsProps {
  message: MessageItem;
  onEdit: (message: MessageItem) => void;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** This message is where the Tab key stops in the list; arrow keys go on from there. */
  stop: boolean;
}

/**
 * The menu of a message, on a button in the corner of the bubble: it shows under a mouse and on keyboard focus. Fingers open
 * the menu by a long press on the bubble; for screen readers the button is always there.
 */
export function Actions({ message, onEdit, open, onOpenChange, stop }: ActionsProps) {
  const t = useT();
  const act = useMessageActions(message, onEdit);
  const text = message.body.t === "text" ? message.body.text : null;
  const items: MenuItem[] = [];
  if (text !== null) items.push({ label: t("conversation.copy"), icon: Copy, onSelect: () => void act.copy(text) });
  if (message.state === "failed") items.push({ label: t("conversation.retry"), icon: RotateCw, onSelect: act.retry });
  if (message.state === "queued" || message.state === "failed") {
    items.push({ label: t("conversation.edit"), icon: Pencil, onSelect: act.edit });
    items.push({ label: t("conversation.cancel"), icon: Ban, danger: true, onSelect: act.cancel });
  }
  if (items.length === 0) return null;

  return (
    <DeferredMenu
      align={message.mine ? "end" : "start"}
      items={items}
      open={open}
      onOpenChange={onOpenChange}
      onUnavailable={act.unavailable}
      trigger={
        <button
          type="button"
          tabIndex={stop ? 0 : -1}
          aria-label={t("conversation.more")}
          {...{ [STOP]: "" }}
          className={cx(
            "absolute end-1 top-1 flex size-8 items-center justify-center rounded-full opacity-0 transition-opacity",
            "group-hover/bubble:opacity-100 focus-visible:opacity-100 data-[state=open]:opacity-100",
            "pointer-coarse:pointer-events-none pointer-coarse:not-focus-visible:opacity-0",
            message.mine ? "bg-own text-on-own-soft hover:text-on-own" : "bg-other text-on-other-soft hover:text-on-other",
          )}
        >
          <ChevronDown aria-hidden="true" className="size-4.5" />
        </button>
      }
    />
  );
}
