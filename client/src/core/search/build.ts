// Makes segments out of messages, one at a time and the newest first; what is made already is found in the database, so
// the work goes on where it was left.

import type { Database } from "../db/database.ts";
import { segmentsOf, takenAway, type SegmentRow } from "../db/segments.ts";
import type { StoredMessage } from "../db/stored.ts";
import { changedBy, entryOf, wordsOf } from "./entries.ts";
import { entriesIn, sealSegment, segmentOf, type Entry, type Segment } from "./segment.ts";
import type { Book } from "./shelf.ts";

/** Rows of the log in one segment, usually. */
export const SEGMENT_ROWS = 200;

/** A piece of a chat's log, both ends in it. */
export interface Span {
  from: number;
  to: number;
}

/** What of the log that is here no segment has, the newest first. */
export function holesOf(cursor: Span, books: readonly Span[]): Span[] {
  const holes: Span[] = [];
  let { to } = cursor;
  for (const book of books.toSorted((one, other) => other.from - one.from)) {
    if (book.to < to) holes.push({ from: Math.max(book.to + 1, cursor.from), to });
    to = Math.min(to, book.from - 1);
  }
  if (to >= cursor.from) holes.push({ from: cursor.from, to });
  return holes.filter((hole) => hole.from <= hole.to);
}

/** The nonce in front of what is sealed: another one each time. */
export const stampOf = (words: Uint8Array): string => String.fromCharCode(...words.subarray(0, 12));

export interface Made {
  put: Book[];
  /** `from` of those that are in others now. */
  gone: number[];
}

/** Makes the segment at the end of the hole. Null: something changed meanwhile, look again. */
export async function makeSegment(db: Database, chatId: string, hole: Span, books: readonly Book[], size: number): Promise<Made | null> {
  const read = await db.transaction("r", [db.messages, db.cursors, db.meta], async () => {
    const cursor = await db.cursors.get(chatId);
    // A chat that goes and comes back has no messages in between.
    if (!cursor || hole.from < cursor.from || hole.to > cursor.to) return null;
    return { count: await takenAway(db), piece: await choose(db, chatId, hole, books, size) };
  });
  if (!read) return null;
  const { count, piece } = read;
  const words = await wordsOf(db, piece.rows, true);
  const span = { chatId, from: piece.from, to: piece.to, rows: piece.rows.length };
  const changed = await changesBeside(db, piece.rows, books.filter((book) => book.from > piece.to || book.to < piece.from));
  const made = [
    await sealed(db, span, segmentOf(words.map(entryOf).toSorted((one, other) => one.order - other.order))),
    ...(await Promise.all(changed.map(({ book, entries }) => sealed(db, book, segmentOf(entries))))),
  ];
  const replaced = [...piece.replaced, ...changed.map(({ book }) => book)];
  const done = await db.transaction("rw", [db.segments, db.cursors, db.meta], async () => {
    if ((await takenAway(db)) !== count) return false;
    const cursor = await db.cursors.get(chatId);
    if (!cursor || piece.from < cursor.from || piece.to > cursor.to) return false;
    // Another tab makes segments, too: they must not overlap.
    const stamps = new Set(replaced.map((book) => book.stamp));
    for (const { row } of made) for (const { words: its } of await touching(db, row)) if (!stamps.delete(stampOf(its))) return false;
    if (stamps.size > 0) return false;
    await db.segments.bulkDelete(replaced.map((book): [string, number] => [chatId, book.from]));
    await db.segments.bulkPut(made.map(({ row }) => row));
    return true;
  });
  return done ? { put: made.map(({ book }) => book), gone: piece.replaced.map((book) => book.from) } : null;
}

/** The segments that have something of that piece. */
async function touching(db: Database, { chatId, from, to }: SegmentRow): Promise<SegmentRow[]> {
  const inside = await segmentsOf(db, chatId, from, to).toArray();
  const before = await segmentsOf(db, chatId, -Infinity, from - 0.5).last();
  return before && before.to >= from ? [before, ...inside] : inside;
}

interface Piece extends Span {
  rows: StoredMessage[];
  /** Neighbours that are small enough to become one with it. */
  replaced: Book[];
}

/** What becomes one segment: the end of the hole, or all of a small one with a neighbour that has room. */
async function choose(db: Database, chatId: string, hole: Span, books: readonly Book[], size: number): Promise<Piece> {
  const stored = (from: number, to: number) => db.messagesIn(chatId, from, to).filter((row) => row.seq !== null);
  const rows = await stored(hole.from, hole.to).reverse().limit(size).toArray();
  if (rows.length === size) return { from: rows.at(-1)?.order ?? hole.from, to: hole.to, rows, replaced: [] };
  const room = size - rows.length;
  const [below, above] = [books.find((book) => book.to === hole.from - 1), books.find((book) => book.from === hole.to + 1)];
  const neighbour = [below, above].find((book) => book !== undefined && book.rows <= room);
  if (!neighbour) return { ...hole, rows, replaced: [] };
  const [from, to] = [Math.min(hole.from, neighbour.from), Math.max(hole.to, neighbour.to)];
  return { from, to, rows: [...(await stored(neighbour.from, neighbour.to).toArray()), ...rows], replaced: [neighbour] };
}

/** Segments beside the rows whose messages these rows change, as they are after that. */
async function changesBeside(db: Database, rows: readonly StoredMessage[], books: readonly Book[]): Promise<{ book: Book; entries: Entry[] }[]> {
  const targets = [...(await changedBy(db, rows)).values()].filter((row) => row.seq !== null);
  const changes: { book: Book; entries: Entry[] }[] = [];
  for (const book of books) {
    const mine = targets.filter((row) => row.order >= book.from && row.order <= book.to);
    if (mine.length === 0) continue;
    const now = (await wordsOf(db, mine, true)).map(entryOf);
    const orders = new Set(mine.map((row) => row.order));
    const entries = [...entriesIn(book.segment).filter((entry) => !orders.has(entry.order)), ...now];
    changes.push({ book, entries: entries.toSorted((one, other) => one.order - other.order) });
  }
  return changes;
}

async function sealed(db: Database, span: Pick<SegmentRow, "chatId" | "from" | "to" | "rows">, segment: Segment): Promise<{ book: Book; row: SegmentRow }> {
  const { chatId, from, to, rows } = span;
  const words = await sealSegment(await db.words.key(), span, segment);
  return { book: { chatId, from, to, rows, stamp: stampOf(words), segment }, row: { chatId, from, to, rows, words } };
}
