import { Ban, ChevronDown, CircleCheckBig, Copy, Flag, Forward, Lock, Pencil, Pin, PinOff, Reply, RotateCw, SmilePlus, Trash2 } from "lucide-react";
import type { KeyboardEvent } from "react";

import type { MessageItem } from "@/core/services.ts";
import { useT, type Translate } from "@/i18n/index.ts";
import { cx } from "@/ui/cx.ts";
import { DeferredMenu } from "@/ui/deferred-menu.tsx";
import type { MenuItem, QuickItem } from "@/ui/menu.tsx";

import { isStanding, QUICK, type Asks } from "./asks.ts";
import { STOP } from "./roving.ts";
import { useMessageActions } from "./use-message-actions.ts";

export interface ActionsProps {
  message: MessageItem;
  asks: Asks;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** This message is where the Tab key stops in the list; arrow keys go on from there. */
  stop: boolean;
}

type Act = ReturnType<typeof useMessageActions>;

/** What the menu of this message offers, in the order of how often it is wanted. */
function itemsOf(message: MessageItem, asks: Asks, act: Act, t: Translate): MenuItem[] {
  const text = message.body.t === "text" ? message.body.text : null;
  const standing = isStanding(message);
  const unsent = message.state === "queued" || message.state === "failed";
  const items: MenuItem[] = [];
  const add = (when: boolean, item: MenuItem): void => void (when && items.push(item));
  const may = standing && asks.writes;
  add(may, { label: t("conversation.reply"), icon: Reply, onSelect: () => asks.reply(message) });
  add(may, { label: t("conversation.react"), icon: SmilePlus, opensWindow: true, onSelect: () => asks.react(message) });
  add(text !== null, { label: t("conversation.copy"), icon: Copy, onSelect: () => void act.copy(text ?? "") });
  add(standing && text !== null, { label: t("conversation.forward"), icon: Forward, opensWindow: true, onSelect: () => asks.forward(message) });
  add(may, {
    label: t(message.pinned ? "conversation.unpin" : "conversation.pin"),
    icon: message.pinned ? PinOff : Pin,
    onSelect: () => act.pin(!message.pinned),
  });
  // As with a window: what is chosen takes the focus after the menu gave it back.
  add(standing, { label: t("conversation.select"), icon: CircleCheckBig, opensWindow: true, onSelect: () => asks.select(message) });
  const ends = may && message.mine && message.tally?.closed === false;
  add(ends, { label: t("polls.end"), icon: Lock, opensWindow: true, onSelect: () => asks.end(message) });
  add(message.state === "failed", { label: t("conversation.retry"), icon: RotateCw, onSelect: act.retry });
  const changes = message.mine && text !== null && (unsent || may);
  add(changes, { label: t("conversation.edit"), icon: Pencil, onSelect: () => asks.edit(message) });
  add(unsent, { label: t("conversation.cancel"), icon: Ban, danger: true, onSelect: act.cancel });
  const reports = standing && !message.mine;
  add(reports, { label: t("blocks.report"), icon: Flag, danger: true, opensWindow: true, onSelect: () => asks.report([message]) });
  const removes = standing && ((message.mine && asks.writes) || asks.moderates);
  add(removes, { label: t("conversation.delete"), icon: Trash2, danger: true, opensWindow: true, onSelect: () => asks.remove(message) });
  return items;
}

/** What single keys do while a message has the focus; as the help sheet says. */
function keysOf(message: MessageItem, asks: Asks): Partial<Record<string, () => void>> {
  if (!isStanding(message)) return {};
  const mayRemove = (message.mine && asks.writes) || asks.moderates;
  return {
    ...(asks.writes ? { r: () => asks.reply(message), "+": () => asks.react(message) } : {}),
    ...(asks.writes && message.mine && message.body.t === "text" ? { e: () => asks.edit(message) } : {}),
    ...(message.body.t === "text" ? { f: () => asks.forward(message) } : {}),
    ...(mayRemove ? { Delete: () => asks.remove(message) } : {}),
  };
}

/**
 * The menu of a message, on a button in the corner of the bubble: it shows under a mouse and on keyboard focus. Fingers open
 * the menu by a long press on the bubble; for screen readers the button is always there.
 */
export function Actions({ message, asks, open, onOpenChange, stop }: ActionsProps) {
  const t = useT();
  const act = useMessageActions(message);
  const items = itemsOf(message, asks, act, t);
  if (items.length === 0) return null;
  const mine = (emoji: string): boolean =>
    message.reactions.some((each) => each.emoji === emoji && each.userIds.includes(asks.myId));
  const quick: QuickItem[] =
    isStanding(message) && asks.writes
      ? QUICK.map((emoji) => ({
          text: emoji,
          label: t(mine(emoji) ? "conversation.unreactWith" : "conversation.reactWith", { emoji }),
          chosen: mine(emoji),
          onSelect: () => act.react(emoji, !mine(emoji)),
        }))
      : [];
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const run = keysOf(message, asks)[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  };

  return (
    <DeferredMenu
      align={message.mine ? "end" : "start"}
      items={items}
      quick={quick}
      open={open}
      onOpenChange={onOpenChange}
      onUnavailable={act.unavailable}
      trigger={
        <button
          type="button"
          tabIndex={stop ? 0 : -1}
          aria-label={t("conversation.more")}
          onKeyDown={onKeyDown}
          {...{ [STOP]: message.key }}
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
