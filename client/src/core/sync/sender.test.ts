import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Place } from "../api/api.ts";
import { plaintext } from "../crypto/plaintext.ts";
import { refusal } from "../crypto/refusals.ts";
import { Database } from "../db/database.ts";
import { enqueue } from "../db/queue.ts";
import { putChat } from "../db/roster.ts";
import type { OutboxRow } from "../db/schema.ts";
import { ApiError } from "../errors.ts";
import { Cell } from "../live.ts";
import type { Link } from "../realtime/connection.ts";
import { CHAT, chatView, ME } from "../testing/envelopes.ts";
import { FakeRuntime } from "../testing/runtime.ts";
import { keyOf } from "./rows.ts";
import { Sender } from "./sender.ts";

const OTHER = `${CHAT}1`;

let db: Database;
let runtime: FakeRuntime;
let sender: Sender;
let online: boolean;
/** What was posted, in order; `answer` decides what comes of it. */
let posted: string[];
let answer: (clientId: string) => Promise<Place>;
/** What the crypto does before a message is posted. */
let prepare: (row: OutboxRow) => Promise<void>;
const link = new Cell<Link>({ state: "closed" });
const unauthenticated = vi.fn<() => void>();

const stored = (clientId: string): Promise<Place> => Promise.resolve({ id: clientId, seq: Number(clientId.slice(1)), timestamp: 1 });
const refuse = (init: ConstructorParameters<typeof ApiError>[0]) => (): Promise<Place> => Promise.reject(new ApiError(init));

beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  for (const id of [CHAT, OTHER]) await putChat(db, ME, chatView({ id }), null);
  runtime = new FakeRuntime();
  posted = [];
  answer = stored;
  online = true;
  link.set({ state: "closed" });
  unauthenticated.mockReset();
  const put = (how: string, clientId: string): Promise<Place> => {
    posted.push(how + clientId);
    return answer(clientId);
  };
  prepare = async () => {};
  sender = new Sender({
    db,
    crypto: { ...plaintext.lead({ term: 1, behind: () => {} }), prepare: (_, row) => prepare(row) },
    runtime,
    unauthenticated,
    online: () => online,
    api: { put: (_, clientId) => put("", clientId) },
    connection: {
      link,
      emit: async (_, payload) => {
        const { id, seq } = await put("socket:", String((payload as { clientId?: unknown }).clientId));
        return { ok: true, id, seq, timestamp: "2026-01-01T00:00:00Z" } as never;
      },
    },
  });
});

afterEach(() => {
  sender.stop();
  db.close();
});

async function write(clientId: string, chatId = CHAT): Promise<void> {
  const body = { t: "text" as const, text: clientId };
  const { sealed } = await plaintext.seal({ id: chatId, encryption: "none" }, [{ clientId, body }]);
  const [first] = sealed;
  if (!first) throw new Error("nothing was sealed");
  const key = keyOf(chatId, ME, clientId);
  await enqueue(db, { key, chatId, senderId: ME, clientId, body, sealed: first, at: 1 }, []);
}

const left = (count: number): Promise<void> =>
  vi.waitFor(async () => expect(await db.outbox.filter((row) => row.state === "waiting").count()).toBe(count));
const waitsUntil = (clientId: string) =>
  vi.waitFor(async () => {
    const row = await db.outbox.get(clientId);
    expect(row?.nextAt ?? 0).toBeGreaterThan(0);
    return row?.nextAt ?? 0;
  });
/** Enough turns for anything that would still happen. */
const calm = () => new Promise((resolve) => setTimeout(resolve, 30));

test("sends in order, by PUT, and by the socket when there is one", async () => {
  await write("m1");
  await write("m2");
  sender.start();
  await left(0);
  link.set({ state: "connected" });
  await write("m3");
  await left(0);
  expect(posted).toEqual(["m1", "m2", "socket:m3"]);
  expect((await db.messagesIn(CHAT).toArray()).map((row) => row.seq)).toEqual([1, 2, 3]);
});

test("one message of a chat is on its way at a time; chats do not wait for each other", async () => {
  const finish: (() => void)[] = [];
  answer = (clientId) => new Promise((resolve) => finish.push(() => void stored(clientId).then(resolve)));
  await write("m1");
  await write("m2");
  await write("m3", OTHER);
  sender.start();
  await vi.waitFor(() => expect(posted.toSorted()).toEqual(["m1", "m3"]));
  await calm();
  expect(posted).toHaveLength(2);
  finish[0]?.();
  await vi.waitFor(() => expect(posted).toContain("m2"));
});

test("trouble on the way holds back its chat until the time has come", async () => {
  answer = (clientId) => (clientId === "m1" ? Promise.reject(ApiError.local("offline")) : stored(clientId));
  await write("m1");
  await write("m2");
  await write("m3", OTHER);
  sender.start();
  await left(2);
  const nextAt = await waitsUntil("m1");
  expect(posted.toSorted()).toEqual(["m1", "m3"]);
  expect(await db.outbox.get("m1")).toMatchObject({ attempts: 1, posted: true });
  await vi.waitFor(() => expect(runtime.nextAt).toBe(nextAt));
  answer = stored;
  runtime.advance(nextAt - 1);
  await calm();
  expect(posted).toHaveLength(2);
  runtime.advance(1);
  await left(0);
  expect(posted.slice(2)).toEqual(["m1", "m2"]);
});

test("a connection that is back ends the waiting", async () => {
  answer = refuse({ code: "busy", message: "Busy.", retryable: true });
  await write("m1");
  sender.start();
  await waitsUntil("m1");
  answer = stored;
  await sender.resume();
  await left(0);
  expect(posted).toEqual(["m1", "m1"]);
});

test("a clear no fails the message and lets the next go", async () => {
  answer = (clientId) => (clientId === "m1" ? refuse({ code: "invalid_input", message: "No.", status: 400 })() : stored(clientId));
  await write("m1");
  await write("m2");
  sender.start();
  await left(0);
  expect(await db.messages.get(keyOf(CHAT, ME, "m1"))).toMatchObject({ failure: { code: "invalid_input", message: "No." } });
  expect(await db.messages.get(keyOf(CHAT, ME, "m2"))).toMatchObject({ seq: 2 });
});

test("without a session everything waits for a new sign-in", async () => {
  answer = refuse({ code: "unauthenticated", message: "Sign in.", status: 401 });
  await write("m1");
  await write("m2", OTHER);
  sender.start();
  await vi.waitFor(() => expect(unauthenticated).toHaveBeenCalled());
  await calm();
  const before = posted.length;
  answer = stored;
  await write("m3");
  runtime.advance(3_600_000);
  await calm();
  expect(posted).toHaveLength(before);
  expect(await db.outbox.get("m1")).toMatchObject({ posted: false });
  await sender.resume();
  await left(0);
});

test("too fast: every chat waits as long as the server says", async () => {
  answer = refuse({ code: "rate_limited", message: "Slow down.", status: 429, retryAfter: 30 });
  await write("m1");
  sender.start();
  await waitsUntil("m1");
  await write("m2", OTHER);
  answer = stored;
  await calm();
  expect(posted).toEqual(["m1"]);
  runtime.advance(29_999);
  await calm();
  expect(posted).toEqual(["m1"]);
  runtime.advance(1);
  await left(0);
});

test("without a network nothing is tried, so it can still be taken back", async () => {
  online = false;
  await write("m1");
  sender.start();
  await calm();
  expect(posted).toEqual([]);
  expect(await db.outbox.get("m1")).toMatchObject({ posted: false, attempts: 0 });
  online = true;
  await sender.resume();
  await left(0);
});

test("a message is prepared before it is posted, and made again when the group has changed", async () => {
  const made: string[] = [];
  prepare = async (row) => {
    if (row.sealed.mls === null) made.push(row.clientId);
    await db.outbox.put({ ...row, sealed: { ...row.sealed, mls: `epoch ${made.length}` } });
  };
  answer = async (clientId) => {
    if (made.length === 1) throw new ApiError({ code: "epoch_stale", message: "Again.", status: 409 });
    return stored(clientId);
  };
  await write("m1");
  sender.start();
  await left(0);
  expect(made).toEqual(["m1", "m1"]);
  expect(posted).toEqual(["m1", "m1"]);
});

test("a message that cannot be prepared yet was not posted and can be taken back; a clear no fails it", async () => {
  prepare = () => Promise.reject(refusal("waiting_for_member"));
  await write("m1");
  sender.start();
  await waitsUntil("m1");
  expect(posted).toEqual([]);
  expect(await db.outbox.get("m1")).toMatchObject({ posted: false, attempts: 1, state: "waiting" });
  prepare = () => Promise.reject(refusal("group_frozen"));
  await sender.resume();
  await left(0);
  expect(posted).toEqual([]);
  expect(await db.messages.get(keyOf(CHAT, ME, "m1"))).toMatchObject({ failure: { code: "group_frozen" } });
});

test("signing out in the middle is no error", async () => {
  let finish = (): void => {};
  answer = (clientId) => new Promise((resolve) => (finish = () => void stored(clientId).then(resolve)));
  await write("m1");
  sender.start();
  await vi.waitFor(() => expect(posted).toEqual(["m1"]));
  db.close();
  finish();
  await calm();
  expect(posted).toEqual(["m1"]);
});
