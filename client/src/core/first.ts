// The first screen of a start: the top of the list of chats as it was last shown, sealed in one row, so that it is on the
// screen before the database has been opened for all else. `public/first.js` reads it while the app is being fetched, and
// puts the picture of it on the screen.
//
// It is shown only where every chat of it is still the row that it was made of: what was deleted, has lasted its time, was
// cleared or came meanwhile makes it void, and the list waits for the database as it does without it.

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
  picture: FirstPicture | null;
}

/** How the list looked: text, or an element with what is in it. A number is the picture of that chat. */
export type Drawn = string | [tag: string, attributes: Record<string, string | number>, ...inside: Drawn[]];

export interface FirstPicture {
  /** Where it looks so: the language, the day, the width. It is shown where `batiyounFrame` says the same. */
  frame: string;
  tree: Drawn;
}

/** Draws these chats, the first ones of the list; null: something else is on the screen. */
export type Draw = (ids: readonly string[]) => Promise<FirstPicture | null>;

/** What `public/first.js` finds. */
export interface Early {
  row: SessionRow;
  /** null: they are not what they were. */
  chats: ChatItem[] | null;
}
