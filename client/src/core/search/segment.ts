// The searchable words of a piece of a chat: as they are stored, sealed, and as they are searched; no database here.
//
// The folded words of all messages stand in one string, each on a line: looking for a word is one `indexOf` over it, which
// engines do at memory speed, in any script and in the middle of words. What a hit looks like is read from its message.

import { open, seal, SealBroken } from "../crypto/keys/sealing.ts";
import type { SegmentRow } from "../db/segments.ts";

/** A message as it is searched. */
export interface Entry {
  /** Of its row. */
  order: number;
  timestamp: number;
  senderId: string;
  link: boolean;
  /** Folded (`fold.ts`). */
  text: string;
}

/** Messages that are searched together, ascending by order. */
export interface Segment {
  orders: number[];
  times: number[];
  /** Whose message each is: an index in `people`. */
  senders: number[];
  people: string[];
  /** 1: has a link. */
  links: number[];
  /** A line for each. */
  text: string;
  /** Where each line begins. */
  starts: number[];
  newest: number;
  oldest: number;
}

export function segmentOf(entries: readonly Entry[]): Segment {
  const people = [...new Set(entries.map((entry) => entry.senderId))];
  const index = new Map(people.map((id, at) => [id, at]));
  return segmentFrom({
    orders: entries.map((entry) => entry.order),
    times: entries.map((entry) => entry.timestamp),
    senders: entries.map((entry) => index.get(entry.senderId) ?? 0),
    people,
    links: entries.map((entry) => (entry.link ? 1 : 0)),
    text: entries.map((entry) => entry.text).join("\n"),
  });
}

export function entriesIn({ orders, times, senders, people, links, text }: Segment): Entry[] {
  const lines = text.split("\n");
  return orders.map((order, at) => ({
    order,
    timestamp: times[at] ?? 0,
    senderId: people[senders[at] ?? 0] ?? "",
    link: links[at] === 1,
    text: lines[at] ?? "",
  }));
}

type Kept = Pick<Segment, "orders" | "times" | "senders" | "people" | "links" | "text">;

function segmentFrom(kept: Kept): Segment {
  const starts: number[] = [];
  for (let at = 0; starts.length < kept.orders.length; at = kept.text.indexOf("\n", at) + 1) starts.push(at);
  let [newest, oldest] = [-Infinity, Infinity];
  for (const time of kept.times) {
    newest = Math.max(newest, time);
    oldest = Math.min(oldest, time);
  }
  return { ...kept, starts, newest, oldest };
}

// ── sealed ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The number is that of the folding, too: what was folded otherwise opens no more, and is made anew. */
const about = ({ chatId, from, to }: Pick<SegmentRow, "chatId" | "from" | "to">): string => `batiyoun segment 1\n${chatId}/${from}/${to}`;

export async function sealSegment(key: CryptoKey, place: Pick<SegmentRow, "chatId" | "from" | "to">, segment: Segment): Promise<Uint8Array> {
  const { orders, times, senders, people, links, text } = segment;
  const kept: Kept = { orders, times, senders, people, links, text };
  return seal(key, new TextEncoder().encode(JSON.stringify(kept)), about(place));
}

/** Null: it was changed behind our back, belongs elsewhere, or is of another version. */
export async function openSegment(key: CryptoKey, row: SegmentRow): Promise<Segment | null> {
  try {
    return segmentFrom(JSON.parse(new TextDecoder().decode(await open(key, row.words, about(row)))) as Kept);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}

// ── searched ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What else a message must be. Times in milliseconds since the epoch: `from ≤ time < to`. */
export interface Filter {
  chatId?: string;
  senderId?: string;
  from?: number;
  to?: number;
  link?: boolean;
}

/** Calls `take` with the index of every message that has all the terms and passes the filter. */
export function scan(segment: Segment, terms: readonly string[], filter: Filter, take: (index: number) => void): void {
  const { from = -Infinity, to = Infinity, link, senderId } = filter;
  if (segment.newest < from || segment.oldest >= to) return;
  const person = senderId === undefined ? null : segment.people.indexOf(senderId);
  if (person === -1) return;
  const passes = (index: number): boolean => {
    const time = segment.times[index] ?? 0;
    return time >= from && time < to && (person === null || segment.senders[index] === person) && (!link || segment.links[index] === 1);
  };
  const [first, ...others] = terms;
  if (first === undefined) {
    for (let index = 0; index < segment.orders.length; index += 1) if (passes(index)) take(index);
    return;
  }
  const { text, starts } = segment;
  for (let at = text.indexOf(first); at >= 0; ) {
    const index = lineAt(starts, at);
    const end = starts[index + 1] ?? text.length + 1;
    if (passes(index) && (others.length === 0 || hasOthers(text.slice(starts[index], end - 1), others))) take(index);
    at = text.indexOf(first, end);
  }
}

const hasOthers = (line: string, terms: readonly string[]): boolean => terms.every((term) => line.includes(term));

/** The line that has this place of the text. */
function lineAt(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
