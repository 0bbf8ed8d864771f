// What people answered to a poll, and what a message says in one line; pure.

import type { Body, MessageRow, Poll } from "../db/schema.ts";
import { plain } from "./marks.ts";

/** How a poll stands. */
export interface Tally {
  /** Who chose each answer, in the order in which they did. */
  votes: string[][];
  /** Who asked has ended it. */
  closed: boolean;
}

/**
 * Counts what was said about a poll, in the order of the log: of each person the last vote that fits the question, until
 * whoever asked ended it. Who takes the vote back says that they choose nothing.
 */
export function tallyOf({ options, several }: Poll, askedBy: string, notes: readonly MessageRow[]): Tally {
  const end = notes.findIndex(({ body, senderId }) => body.t === "close" && senderId === askedBy);
  const last = new Map<string, readonly number[]>();
  for (const { body, senderId } of end < 0 ? notes : notes.slice(0, end)) {
    if (body.t !== "vote" || (!several && body.choices.length > 1) || body.choices.some((place) => place >= options.length)) continue;
    last.delete(senderId);
    last.set(senderId, body.choices);
  }
  const votes = options.map((_, place) => [...last].flatMap(([userId, choices]) => (choices.includes(place) ? userId : [])));
  return { votes, closed: end >= 0 };
}

/** A message in plain words, for where it is only mentioned: lists, quotes, what is read aloud; null: it has none. */
export function saidIn(body: Body): string | null {
  if (body.t === "text") return plain(body.text, body.mentions);
  return body.t === "poll" ? `📊 ${body.question}` : null;
}
