import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Rest } from "../api/http.ts";
import { askBlock, blockedIn, readBlocked, readBlocks, tellable } from "../db/blocks.ts";
import { Database } from "../db/database.ts";
import { putChat } from "../db/roster.ts";
import { ApiError } from "../errors.ts";
import { chatView, ME } from "../testing/envelopes.ts";
import { FakeRuntime } from "../testing/runtime.ts";
import { BlockKeeper } from "./blocks.ts";

let db: Database;
let runtime: FakeRuntime;
let keeper: BlockKeeper;
let connected: boolean;
/** Whom the server thinks blocked, and since when. */
let there: Map<string, string>;
const send = vi.fn<(operation: string, schema: unknown, options?: { path?: Record<string, string> }) => Promise<unknown>>();
const hush = vi.fn<(userIds: ReadonlySet<string>) => void>();

const serve: Parameters<typeof send.mockImplementation>[0] = async (operation, _, options) => {
  const userId = options?.path?.["user_id"] ?? "";
  if (operation.startsWith("PUT")) there.set(userId, "2026-03-03T12:00:00Z");
  if (operation.startsWith("DELETE")) there.delete(userId);
  return { blocked: [...there].map(([id, since]) => ({ userId: id, since })) };
};

beforeEach(() => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  runtime = new FakeRuntime();
  connected = true;
  there = new Map();
  hush.mockReset();
  send.mockReset().mockImplementation(serve);
  keeper = new BlockKeeper({ db, rest: { send } as unknown as Rest, connected: () => connected, presence: { hush }, runtime });
  keeper.start();
});

afterEach(() => {
  keeper.stop();
  db.close();
});

const told = (): string[] => send.mock.calls.flatMap(([operation, , options]) => (options?.path ? `${operation.split(" ")[0]} ${options.path["user_id"]}` : []));
const here = async (): Promise<string[]> => [...(await readBlocked(db)).keys()];
const settled = () => vi.waitFor(async () => expect((await readBlocks(db)).asked).toEqual({}));

test("a block counts at once, is told, and nothing of the person is seen any more", async () => {
  connected = false;
  await askBlock(db, "ravi", true, 5);
  expect(await here()).toEqual(["ravi"]);
  await vi.waitFor(() => expect(hush).toHaveBeenLastCalledWith(new Set(["ravi"])));
  expect(send).not.toHaveBeenCalled();
  connected = true;
  keeper.resume();
  await settled();
  expect(told()).toEqual(["PUT ravi"]);
  expect(await here()).toEqual(["ravi"]);
});

test("what another device did is taken over, the newest first", async () => {
  there = new Map([
    ["mina", "2026-03-01T12:00:00Z"],
    ["ravi", "2026-03-02T12:00:00Z"],
  ]);
  keeper.resume();
  await vi.waitFor(async () => expect(await here()).toEqual(["ravi", "mina"]));
  there.delete("ravi");
  keeper.resume();
  await vi.waitFor(async () => expect(await here()).toEqual(["mina"]));
  await vi.waitFor(() => expect(hush).toHaveBeenLastCalledWith(new Set(["mina"])));
});

test("a change of mind while it is on its way is told after it", async () => {
  let answer: () => void = () => {};
  send.mockReturnValueOnce(new Promise((resolve) => (answer = () => resolve(null))));
  await askBlock(db, "ravi", true, 1);
  await vi.waitFor(() => expect(send).toHaveBeenCalledOnce());
  await askBlock(db, "ravi", false, 2);
  expect(await here()).toEqual([]);
  answer();
  await settled();
  expect(told()).toEqual(["PUT ravi", "DELETE ravi"]);
  expect(await here()).toEqual([]);
});

test("what was lost on the way is told again, a clear no is not", async () => {
  send.mockRejectedValueOnce(ApiError.local("timeout"));
  await askBlock(db, "ravi", true, 1);
  await vi.waitFor(() => {
    runtime.advance(10_000);
    expect(told()).toEqual(["PUT ravi", "PUT ravi"]);
  });
  await settled();
  send.mockRejectedValueOnce(new ApiError({ code: "user_not_found", message: "nobody", status: 404 }));
  await askBlock(db, "nobody", true, 2);
  await settled();
  expect(await here()).toEqual(["ravi"]);
});

test("what is asked for here stands over what the server says", () => {
  const blocks = { told: { ravi: 1, mina: 2 }, asked: { ravi: { on: false, at: 3 }, mina: { on: true, at: 9 }, bala: { on: true, at: 4 } } };
  expect([...blockedIn(blocks)]).toEqual([
    ["bala", 4],
    ["mina", 2],
  ]);
});

test("who is blocked does not learn how far one has read, until they are not blocked any more", async () => {
  await putChat(db, ME, chatView({ id: "alone" }), null);
  await putChat(db, ME, chatView({ id: "with all", type: "group" }), null);
  const partner = (await db.chats.get("alone"))?.partnerId ?? "";
  const rows = ["alone", "with all"].map((chatId) => ({ chatId, read: 3, delivered: 3 }));
  expect(await tellable(db, rows)).toEqual(rows);
  await askBlock(db, partner, true, 1);
  expect((await tellable(db, rows)).map((row) => row.chatId)).toEqual(["with all"]);
  await askBlock(db, partner, false, 2);
  expect(await tellable(db, rows)).toEqual(rows);
});
