// Messages as core hands them to the screens.

import type { MessageItem } from "@/core/services.ts";

import type { Asks } from "../asks.ts";

/** Noon of an ordinary day; minutes count from here. */
export const NOON = new Date(2026, 2, 3, 12).getTime();
const MINUTE = 60_000;

/** The person at the screen is "me" and may write. */
export const nothingAsked: Asks = {
  myId: "me",
  writes: true,
  moderates: false,
  edit: () => {},
  reply: () => {},
  forward: () => {},
  remove: () => {},
  react: () => {},
  select: () => {},
  voters: () => {},
  end: () => {},
  report: () => {},
  hushes: () => false,
  jump: () => {},
  day: () => {},
};

/** A message at `order`; the person at the screen is "me". */
export function said(order: number, senderId: string, minutes: number, over: Partial<MessageItem> = {}): MessageItem {
  return {
    key: `c/${senderId}/${order}`,
    chatId: "c",
    order,
    seq: order,
    id: `m${order}`,
    senderId,
    clientId: String(order),
    kind: "message",
    body: { t: "text", text: "x" },
    notify: true,
    timestamp: NOON + minutes * MINUTE,
    failure: null,
    mine: senderId === "me",
    state: senderId === "me" ? "sent" : null,
    edited: false,
    deleted: false,
    pinned: false,
    forwarded: false,
    reactions: [],
    tally: null,
    replyTo: null,
    ...over,
  };
}
