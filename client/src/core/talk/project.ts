// How a message looks after everything that was said about it; pure. What is said about a message is kept as it came, so
// neither the order in which it came nor how often matters: whoever has the same rows sees the same.

import type { Body, MessageRow } from "../db/schema.ts";
import { isNote, isSetting } from "./bodies.ts";
import { tallyOf, type Tally } from "./polls.ts";

/** A message as it is shown. */
export interface Shown {
  body: Body;
  edited: boolean;
  pinned: boolean;
  /** The first emoji first that somebody reacted with; people in the order of their reactions. */
  reactions: Reaction[];
  /** Of a poll. */
  tally: Tally | null;
}

export interface Reaction {
  emoji: string;
  userIds: string[];
}

/** More kinds of reactions than this to one message are not shown. */
const MAX_REACTIONS = 20;

/** The names by which notes speak of a message: its key, and its place for what the server took away. */
export const namesOf = (row: Pick<MessageRow, "key" | "chatId" | "seq">): string[] =>
  row.seq === null ? [row.key] : [row.key, placeName(row.chatId, row.seq)];

export const placeName = (chatId: string, seq: number): string => `${chatId}@${seq}`;

/** What proofs of invitations are about: no message. */
export const CLAIM = "#invited";

/** What a row speaks about, whether it takes that away, where it pins, and what it names or who may; to be kept with it. */
export function aboutOf({ chatId, body }: Pick<MessageRow, "chatId" | "body">): Pick<MessageRow, "about" | "wipes" | "pinIn" | "named"> {
  if (body.t === "system") {
    const { what } = body.event;
    if (what === "redacted") return { about: placeName(chatId, body.event.seq), wipes: true };
    return what === "role" || what === "left" || what === "added" ? { named: chatId } : {};
  }
  // What is said again for newcomers is no news for the others, and stands nowhere.
  if (isSetting(body)) return body.again ? { named: chatId, about: `${chatId}#${body.t}` } : { named: chatId };
  if (body.t === "invited") return { about: CLAIM };
  if (!isNote(body)) return {};
  const about = `${chatId}/${body.of.senderId}/${body.of.clientId}`;
  if (body.t === "delete") return { about, wipes: true };
  return body.t === "pin" ? { about, pinIn: chatId } : { about };
}

/** What somebody said of a message at last: what waits to be sent is newer than what is stored. */
const byOrder = (one: MessageRow, other: MessageRow): number => one.order - other.order || (one.key < other.key ? -1 : 1);

/** The message after what was said about it; what failed to be sent is not applied. */
export function project(row: MessageRow, notes: readonly MessageRow[]): Shown {
  const valid = notes.filter((note) => note.failure === null).toSorted(byOrder);
  const own = valid.filter((note) => note.senderId === row.senderId);
  if (row.body.t === "deleted" || valid.some((note) => note.body.t === "system") || own.some((note) => note.body.t === "delete"))
    return { body: { t: "deleted" }, edited: false, pinned: false, reactions: [], tally: null };
  const pin = valid.findLast((note) => note.body.t === "pin")?.body;
  const tally = row.body.t === "poll" ? tallyOf(row.body, row.senderId, valid) : null;
  return { ...editedBy(row, own), pinned: pin?.t === "pin" && pin.on, reactions: reactionsOf(valid), tally };
}

/** Only whoever wrote it changes its words; what cannot be opened here has none to change. */
function editedBy({ body }: MessageRow, own: readonly MessageRow[]): Pick<Shown, "body" | "edited"> {
  const edit = own.findLast((note) => note.body.t === "edit")?.body;
  if (edit?.t !== "edit") return { body, edited: false };
  const { text, mentions } = edit;
  const words = mentions ? { text, mentions } : { text };
  if (body.t === "text") {
    // Whom the words named before says nothing of these.
    const { mentions: _before, ...rest } = body;
    return { body: { ...rest, ...words }, edited: true };
  }
  return body.t === "sealed" ? { body: { t: "text", ...words }, edited: true } : { body, edited: false };
}

function reactionsOf(notes: readonly MessageRow[]): Reaction[] {
  const last = new Map<string, { emoji: string; userId: string; on: boolean }>();
  for (const { body, senderId } of notes) {
    if (body.t !== "reaction") continue;
    const name = `${senderId} ${body.emoji}`;
    // Who takes it back and gives it again stands at the end.
    last.delete(name);
    last.set(name, { emoji: body.emoji, userId: senderId, on: body.on });
  }
  const reactions = new Map<string, string[]>();
  for (const { emoji, userId, on } of last.values()) if (on) reactions.set(emoji, [...(reactions.get(emoji) ?? []), userId]);
  return [...reactions].slice(0, MAX_REACTIONS).map(([emoji, userIds]) => ({ emoji, userIds }));
}
