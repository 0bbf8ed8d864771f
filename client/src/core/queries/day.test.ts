import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { Database } from "../db/database.ts";
import { takeTerm } from "../db/ingest.ts";
import { appendPiece, prependPiece } from "../db/pieces.ts";
import { putChat } from "../db/roster.ts";
import type { MessageRow } from "../db/schema.ts";
import { rowOf } from "../sync/rows.ts";
import { CHAT, chatView, envelope, ME } from "../testing/envelopes.ts";
import { firstSince, type DaySearch } from "./day.ts";

const HOUR = 3_600_000;
const forever = new AbortController().signal;

/** Messages at these hours, of which the newest `here` are on this device; others are fetched by pages of two. */
async function chatOf(hours: readonly number[], here: number): Promise<{ db: Database; rows: MessageRow[]; older: DaySearch["older"] }> {
  const db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  const term = await takeTerm(db);
  await putChat(db, ME, chatView({ headSeq: 0 }), null);
  const rows = hours.map((hour, index): MessageRow => {
    const row = rowOf(envelope(index + 1), { t: "text", text: `at ${hour}` });
    return { ...row, timestamp: hour * HOUR, kind: index % 4 === 3 ? "commit" : "message" };
  });
  const from = rows.length - here + 1;
  await appendPiece(db, ME, term, { chatId: CHAT, after: 0, rows: rows.slice(from - 1), writes: [] });
  await db.cursors.put({ chatId: CHAT, from, to: rows.length, complete: from === 1, unreadBelow: 0 });
  const older = async (): Promise<boolean> => {
    const cursor = await db.cursors.get(CHAT);
    if (!cursor || cursor.complete) return false;
    const below = rows.filter((row) => row.order < cursor.from);
    const page = below.slice(-2);
    return prependPiece(db, ME, { chatId: CHAT, before: cursor.from, rows: page, complete: page.length === below.length, writes: [] });
  };
  return { db, rows, older };
}

const look = (db: Database, at: number, older: DaySearch["older"], change: Partial<DaySearch> = {}): Promise<string | null> =>
  firstSince(db, CHAT, { at, now: 0, older, fetching: () => {}, signal: forever, ...change });

test("is the first one since that moment, wherever it is, or else the newest", async () => {
  const gaps = fc.array(fc.nat({ max: 30 }), { maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(gaps, fc.nat(), fc.nat({ max: 300 }), async (between, share, wanted) => {
      let hour = 0;
      const hours = between.map((gap) => (hour += gap));
      const { db, rows, older } = await chatOf(hours, hours.length === 0 ? 0 : 1 + (share % hours.length));
      const shown = rows.filter((row) => row.kind === "message");
      const expected = shown.find((row) => row.timestamp >= wanted * HOUR) ?? shown.at(-1);
      expect(await look(db, wanted * HOUR, older)).toBe(expected?.key ?? null);
      db.close();
    }),
    { numRuns: 40 },
  );
});

test("fetches no more than it needs", async () => {
  const { db, older } = await chatOf([0, 24, 48, 72, 96, 120, 144, 168], 2);
  await look(db, 100 * HOUR, older);
  expect((await db.cursors.get(CHAT))?.from).toBe(5);
  await look(db, 160 * HOUR, () => Promise.reject(new Error("nothing has to be fetched")));
  db.close();
});

test("can be stopped between two pages", async () => {
  const { db, older } = await chatOf([0, 24, 48, 72, 96, 120], 1);
  const stop = new AbortController();
  const fetching = (): void => stop.abort();
  await expect(look(db, 0, older, { fetching, signal: stop.signal })).rejects.toMatchObject({ code: "cancelled" });
  expect((await db.cursors.get(CHAT))?.from).toBe(4);
  db.close();
});

test("passes over what has disappeared", async () => {
  const { db, rows, older } = await chatOf([1, 2, 3], 3);
  await db.messages.update(rows[1]?.key ?? "", { expiresAt: 5 });
  expect(await look(db, 2 * HOUR, older, { now: 10 })).toBe(rows[2]?.key);
  db.close();
});
