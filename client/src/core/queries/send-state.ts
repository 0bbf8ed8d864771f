// How far one's own message has come; pure.

import type { ChatRow, MemberRow } from "../db/schema.ts";
import type { SendState } from "../services.ts";

/** What decides: the chat's counts and everybody else's cursors. */
export interface Reach {
  chat: Pick<ChatRow, "counts" | "memberCount">;
  others: readonly MemberRow[];
}

/**
 * The state of an own message. "delivered" and "read" mean by everybody else; in "Notes to self" there is nobody else, so
 * stored is all it can be.
 */
export function sendState(message: { seq: number | null; failed: boolean }, { chat, others }: Reach): SendState {
  const { seq, failed } = message;
  if (failed) return "failed";
  if (seq === null) return "queued";
  if (others.length === 0) return "sent";
  // In a large group only numbers are told: "this many have everything up to here" says the same of all before it.
  const counted = (which: "delivered" | "read"): boolean => {
    const told = chat.counts[which];
    return told !== null && told.seq >= seq && told.count >= others.length;
  };
  if (counted("read") || others.every((member) => member.readSeq >= seq)) return "read";
  if (counted("delivered") || others.every((member) => member.deliveredSeq >= seq)) return "delivered";
  return "sent";
}
