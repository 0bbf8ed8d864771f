import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Account } from "../account.ts";
import { Current } from "../actions/current.ts";
import { Database } from "../db/database.ts";
import { takeTerm } from "../db/ingest.ts";
import { appendPiece } from "../db/pieces.ts";
import { putChat } from "../db/roster.ts";
import { until } from "../live.ts";
import { rowOf } from "../sync/rows.ts";
import type { Environment } from "../sync/environment.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { FakeRuntime } from "../testing/runtime.ts";
import { testSearchThread } from "../testing/thread.ts";
import { SearchRooms } from "./desk.ts";

const account = { me: ME } as unknown as Account;
let db: Database;
let current: Current;
let runtime: FakeRuntime;
let threads: number;
let rooms: SearchRooms;

beforeEach(async () => {
  const database = { indexedDB: new IDBFactory(), IDBKeyRange };
  db = new Database(ME, database);
  const term = await takeTerm(db);
  await putChat(db, ME, chatView(), null);
  const rows = [rowOf(envelope(1), { t: "text", text: "नमस्ते, chai?" })];
  await appendPiece(db, ME, term, { chatId: CHAT, after: 0, rows, writes: [] });
  const profile = { id: THEM, username: "meera_k", displayName: "Meera Kumari", avatar: null, bio: "", createdAt: 0, fetchedAt: 0 };
  await db.users.put(profile);
  current = new Current();
  current.set(account);
  runtime = new FakeRuntime();
  threads = 0;
  const search = () => {
    threads += 1;
    return testSearchThread(database);
  };
  rooms = new SearchRooms(current, { search } as unknown as Environment, runtime);
});

afterEach(() => db.close());

test("answers from its thread, and says when there is more to find", async () => {
  const desk = rooms.open();
  await until(desk.state, ({ phase }) => phase === "ready");
  expect(desk.state.get()).toEqual({ phase: "ready", done: 1, total: 1 });
  expect(await desk.find({ text: "CHAI" }, 9)).toMatchObject({ hits: [{ chatId: CHAT, senderId: THEM, excerpt: { marks: [[8, 12]] } }], more: false });
  expect((await desk.people("kum", 9)).map(({ id }) => id)).toEqual([THEM]);
  expect(await desk.people("umari", 9)).toEqual([]);
  const turn = desk.turn.get();
  const term = await takeTerm(db);
  await appendPiece(db, ME, term, { chatId: CHAT, after: 1, rows: [rowOf(envelope(2), { t: "text", text: "chai!" })], writes: [] });
  await until(desk.turn, (now) => now > turn);
  await until(desk.state, ({ phase, total }) => phase === "ready" && total === 2);
  expect((await desk.find({ text: "chai" }, 1)).more).toBe(true);
});

test("shows what is found without the marks that were typed", async () => {
  const term = await takeTerm(db);
  const rows = [rowOf(envelope(2), { t: "text", text: "*Kal* subah `paanch` baje" })];
  await appendPiece(db, ME, term, { chatId: CHAT, after: 1, rows, writes: [] });
  const desk = rooms.open();
  await until(desk.state, ({ phase, total }) => phase === "ready" && total === 2);
  expect((await desk.find({ text: "subah" }, 9)).hits).toMatchObject([{ excerpt: { text: "Kal subah paanch baje", marks: [[4, 9]] } }]);
  expect((await desk.find({ text: "*kal" }, 9)).hits).toEqual([]);
});

test("one thread serves all who search, until a while after the last one", () => {
  const [one, other] = [rooms.open(), rooms.open()];
  expect(threads).toBe(1);
  one.close();
  one.close();
  runtime.advance(600_000);
  expect(other.state.get().phase).toBe("opening");
  other.close();
  const again = rooms.open();
  runtime.advance(600_000);
  expect(threads).toBe(1);
  again.close();
  runtime.advance(600_000);
  rooms.open();
  expect(threads).toBe(2);
});

test("what was read for searching goes with whoever signs out", async () => {
  const desk = rooms.open();
  await until(desk.state, ({ phase }) => phase === "ready");
  current.set(null);
  expect(desk.state.get().phase).toBe("failed");
  expect(() => rooms.open()).toThrow("not signed in");
  current.set(account);
  const next = rooms.open();
  await until(next.state, ({ phase }) => phase === "ready");
  expect(threads).toBe(2);
});
