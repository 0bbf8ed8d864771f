import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Database } from "../db/database.ts";
import { moveRead, takeTerm } from "../db/ingest.ts";
import { appendPiece } from "../db/pieces.ts";
import { putChat } from "../db/roster.ts";
import { ApiError } from "../errors.ts";
import { Cell } from "../live.ts";
import type { Link } from "../realtime/connection.ts";
import { CHAT, chatView, envelope, ME } from "../testing/envelopes.ts";
import { FakeRuntime } from "../testing/runtime.ts";
import { noteDelivered, ReceiptSender, remaining } from "./receipts.ts";
import { rowOf } from "./rows.ts";

let db: Database;
let runtime: FakeRuntime;
let sender: ReceiptSender;
let told: [string, unknown][];
let trouble: ApiError | null;
const link = new Cell<Link>({ state: "connected" });

beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  await putChat(db, ME, chatView(), null);
  const rows = [1, 2, 3].map((seq) => rowOf(envelope(seq), { t: "text", text: "x" }));
  await appendPiece(db, ME, await takeTerm(db), { chatId: CHAT, after: 0, rows, writes: [] });
  runtime = new FakeRuntime();
  told = [];
  trouble = null;
  link.set({ state: "connected" });
  const emit = async (event: string, payload: unknown): Promise<never> => {
    told.push([event, (payload as { seq: number }).seq]);
    if (trouble) throw trouble;
    return { ok: true } as never;
  };
  sender = new ReceiptSender(db, { link, emit }, runtime);
  sender.start();
});

afterEach(() => {
  sender.stop();
  db.close();
});

/** Time passes until receipts have been told. */
const pass = () =>
  vi.waitFor(() => {
    runtime.advance(500);
    expect(told).not.toEqual([]);
  });
const nothingLeft = () => vi.waitFor(async () => expect(await db.receipts.count()).toBe(0));

test("what was seen quickly is told once, and reading is having", async () => {
  await noteDelivered(db, ME, CHAT, 3);
  await moveRead(db, ME, CHAT, 1, false);
  await moveRead(db, ME, CHAT, 3, false);
  await pass();
  await nothingLeft();
  expect(told).toEqual([["read_receipt", 3]]);
});

test("what has arrived is told when it has not been read", async () => {
  await noteDelivered(db, ME, CHAT, 3);
  await noteDelivered(db, ME, CHAT, 2);
  await pass();
  await nothingLeft();
  expect(told).toEqual([["delivery_receipt", 3]]);
});

test("without a connection it waits", async () => {
  link.set({ state: "closed" });
  await moveRead(db, ME, CHAT, 2, false);
  await new Promise((resolve) => setTimeout(resolve, 20));
  runtime.advance(60_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toEqual([]);
  link.set({ state: "connected" });
  sender.resume();
  await pass();
  await nothingLeft();
});

test("what could not be told is told again, what is refused is not", async () => {
  trouble = ApiError.local("timeout");
  await moveRead(db, ME, CHAT, 2, false);
  await pass();
  await vi.waitFor(() => expect(runtime.nextAt).not.toBeNull());
  expect(await db.receipts.count()).toBe(1);
  trouble = new ApiError({ code: "chat_not_found", message: "Gone." });
  runtime.advance(10_000);
  await nothingLeft();
  expect(told).toHaveLength(2);
});

describe("what is left to tell", () => {
  const row = (delivered: number, read: number) => ({ chatId: CHAT, delivered, read });

  test.each([
    [row(5, 0), row(5, 0), null],
    [row(7, 0), row(5, 0), row(7, 0)],
    [row(5, 4), row(5, 3), row(0, 4)],
    [row(5, 6), row(5, 6), null],
    [row(8, 6), row(5, 6), row(8, 0)],
  ])("of %j after %j", (now, was, rest) => {
    expect(remaining(now, was)).toEqual(rest);
  });
});
