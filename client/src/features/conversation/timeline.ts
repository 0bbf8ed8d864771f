// From a window of messages to what stands in the list: days, the unread line, system lines, bubbles that belong together.

import type { MessageItem } from "@/core/services.ts";

/** Bubbles of one person closer than this belong together. */
const TOGETHER = 5 * 60_000;

export type Entry =
  | { kind: "day"; key: string; at: number }
  | { kind: "unread"; key: string }
  | { kind: "system"; key: string; message: MessageItem }
  /** `first` and `last` of a run by one person. */
  | { kind: "message"; key: string; message: MessageItem; first: boolean; last: boolean };

const dayOf = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

const isSystem = (item: MessageItem): boolean => item.kind === "system" || item.body.t === "system";

function together(one: MessageItem | undefined, other: MessageItem | undefined, divider: number | null): boolean {
  if (!one || !other || isSystem(one) || isSystem(other)) return false;
  if (one.senderId !== other.senderId) return false;
  if (divider !== null && one.order <= divider && other.order > divider) return false;
  return dayOf(one.timestamp) === dayOf(other.timestamp) && other.timestamp - one.timestamp < TOGETHER;
}

/**
 * The entries for these messages. `divider`: the read cursor when the chat was opened; a line stands before the first
 * message of somebody else after it. Keys stay the same while messages are sent, confirmed and loaded before.
 *
 * `more`: there are older messages that are not in `items`. Then the first one is not shown: what comes before it decides
 * whether a day or a run of bubbles begins with it, and a guess that changes while scrolling would make the list jump.
 */
export function timeline(items: readonly MessageItem[], divider: number | null, more = false): Entry[] {
  const entries: Entry[] = [];
  const context = more && items.length > 1 ? items[0] : undefined;
  let day = context ? dayOf(context.timestamp) : Number.NaN;
  let line = divider !== null && items.some((item) => item.order <= divider);
  // Without anything read in the window the line would stand above what is not loaded: only at the very beginning.
  if (divider === 0) line = true;
  items.forEach((message, index) => {
    if (message === context) return;
    if (dayOf(message.timestamp) !== day) {
      day = dayOf(message.timestamp);
      entries.push({ kind: "day", key: `day/${day}`, at: day });
    }
    if (line && divider !== null && message.order > divider && !message.mine) {
      line = false;
      entries.push({ kind: "unread", key: "unread" });
    }
    if (isSystem(message)) {
      entries.push({ kind: "system", key: message.key, message });
      return;
    }
    entries.push({
      kind: "message",
      key: message.key,
      message,
      first: !together(items[index - 1], message, divider),
      last: !together(message, items[index + 1], divider),
    });
  });
  return entries;
}
