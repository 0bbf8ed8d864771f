// The first screen of a start: the top of the list of chats as it was last shown, sealed in one row, so that it is on the
// screen before the database has been opened for all else. `public/first.js` reads it while the app is being fetched.
//
// It is shown only where every chat of it is still the row that it was made of: what was deleted, has lasted its time, was
// cleared or came meanwhile makes it void, and the list waits for the database as it does without it.

import type { StoredChat } from "./db/stored.ts";
import type { ChatItem } from "./services.ts";
import type { SessionRow } from "./session.ts";

/** In `meta`: `{ ids, words }`, the chats' ids and a sealed `KeptFirst`. */
export const FIRST = "first";
export const ABOUT_FIRST = "batiyoun first screen 1";

export interface KeptFirst {
  /** The rows of the chats, as `printOf` has them. */
  prints: string[];
  /** The chat in which something happened last. */
  newest: string;
  chats: ChatItem[];
}

/** What `public/first.js` finds. */
export interface Early {
  row: SessionRow;
  found: { kept: KeptFirst; rows: (StoredChat | undefined)[]; newest: string | undefined } | null;
}

/** A row by all of it but the sealed words, which are known by their nonces. */
export const printOf = (row: StoredChat): string =>
  JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? [...value.subarray(0, 12)] : value));

/** The chats of that row, as far as they are as they were; undefined: they are not. */
export function chatsOf({ found }: Early, now: number): ChatItem[] | undefined {
  if (!found || found.newest !== found.kept.newest) return undefined;
  const { prints, chats } = found.kept;
  const same = prints.every((print, index) => {
    const row = found.rows[index];
    return row && printOf(row) === print && (row.preview?.expiresAt ?? Infinity) > now;
  });
  return same ? chats : undefined;
}
