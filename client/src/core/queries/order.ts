// In which order chats are listed, and which are out of the way; pure.

import type { ChatRow, Preview } from "../db/schema.ts";
import { wantsOf } from "../db/wants.ts";

export interface Placed {
  /** No sound and no count until this moment, which is still to come; null: not mute. */
  mutedUntil: number | null;
  /** Out of the way: nothing was said since, or the chat is mute and nobody names this person in what is unread. */
  archived: boolean;
  /** The place on top, ascending; null: not on top. */
  pinned: number | null;
}

/** Whether somebody names this person in what is unread: that counts also where the chat is mute. */
export const isNamed = ({ unread, readSeq, mentionedSeq = 0 }: Pick<ChatRow, "unread" | "readSeq" | "mentionedSeq">): boolean =>
  unread > 0 && mentionedSeq > readSeq;

/** Where a chat stands at the moment `now`. A message that waits to be sent is one that was said. */
export function placeOf(
  chat: Pick<ChatRow, "wants" | "asked" | "unread" | "readSeq" | "mentionedSeq"> & { preview: Pick<Preview, "seq"> | null },
  now: number,
): Placed {
  const { mutedUntil, archivedSeq, pinned } = wantsOf(chat);
  const muted = mutedUntil !== null && mutedUntil > now;
  const said = chat.preview ? (chat.preview.seq ?? Infinity) : 0;
  const called = isNamed(chat) && (chat.mentionedSeq ?? 0) > (archivedSeq ?? 0);
  const archived = archivedSeq !== null && (said <= archivedSeq || (muted && !called));
  return { mutedUntil: muted ? mutedUntil : null, archived, pinned };
}

const rank = ({ pinned, archived }: Placed): number => (archived ? 2 : pinned === null ? 1 : 0);

/** On top what is pinned, at the end what is archived; among each other as they come. */
export const inOrder = <T extends Placed>(chats: readonly T[]): T[] =>
  chats.toSorted((one, other) => rank(one) - rank(other) || (one.pinned ?? 0) - (other.pinned ?? 0));
