// In which order chats are listed, and which are out of the way; pure.

import type { ChatRow, Preview } from "../db/schema.ts";
import { wantsOf } from "../db/wants.ts";

export interface Placed {
  /** No sound and no count until this moment, which is still to come; null: not mute. */
  mutedUntil: number | null;
  /** Out of the way: nothing was said since, or the chat is mute. */
  archived: boolean;
  /** The place on top, ascending; null: not on top. */
  pinned: number | null;
}

/** Where a chat stands at the moment `now`. A message that waits to be sent is one that was said. */
export function placeOf(
  chat: Pick<ChatRow, "wants" | "asked"> & { preview: Pick<Preview, "seq"> | null },
  now: number,
): Placed {
  const { mutedUntil, archivedSeq, pinned } = wantsOf(chat);
  const muted = mutedUntil !== null && mutedUntil > now;
  const said = chat.preview ? (chat.preview.seq ?? Infinity) : 0;
  return { mutedUntil: muted ? mutedUntil : null, archived: archivedSeq !== null && (muted || said <= archivedSeq), pinned };
}

const rank = ({ pinned, archived }: Placed): number => (archived ? 2 : pinned === null ? 1 : 0);

/** On top what is pinned, at the end what is archived; among each other as they come. */
export const inOrder = <T extends Placed>(chats: readonly T[]): T[] =>
  chats.toSorted((one, other) => rank(one) - rank(other) || (one.pinned ?? 0) - (other.pinned ?? 0));
