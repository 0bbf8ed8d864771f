import { Dexie } from "dexie";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { plaintext } from "../crypto/plaintext.ts";
import { Database } from "../db/database.ts";
import { enqueue } from "../db/queue.ts";
import { putChat } from "../db/roster.ts";
import { Cell } from "../live.ts";
import type { Connection } from "../services.ts";
import { CHAT, chatView, ME } from "../testing/envelopes.ts";
import { FakeLocks } from "../testing/locks.ts";
import { FakeRuntime } from "../testing/runtime.ts";
import { sendInBackground, type BackgroundWorld, type Outcome } from "./background.ts";
import { leaderLock } from "./leader.ts";
import { keyOf } from "./rows.ts";
import { wishForBackground } from "./wish.ts";

let db: Database;
let runtime: FakeRuntime;
let locks: FakeLocks;
let world: BackgroundWorld;
/** The paths of all requests; `answer` decides what comes of one. */
let asked: string[];
let answer: () => Promise<Response>;
/** What the worker told the tabs, and how a tab speaks to it. */
let told: unknown[];
let say: (message: unknown) => void;

const stored = async (): Promise<Response> =>
  Response.json({ id: CHAT, seq: asked.length, timestamp: "2026-01-01T00:00:00Z" }, { status: 201 });

beforeEach(() => {
  const database = { indexedDB: new IDBFactory(), IDBKeyRange };
  db = new Database(ME, database);
  runtime = new FakeRuntime();
  locks = new FakeLocks();
  asked = [];
  answer = stored;
  told = [];
  say = () => {};
  world = {
    locks,
    runtime,
    database,
    base: "http://127.0.0.1:1",
    channel: (_, receive) => {
      say = receive;
      return { post: (message) => told.push(message), close: () => {} };
    },
    fetch: async (url, init) => {
      asked.push(`${init?.method} ${new URL(String(url)).pathname}`);
      return answer();
    },
  };
});
afterEach(() => db.close());

async function signIn(): Promise<void> {
  const registry = new Dexie("batiyoun", world.database);
  registry.version(1).stores({ sessions: "key" });
  await registry.table("sessions").put({ key: "session", me: { id: ME }, expired: false, reason: "none", busyUntil: 0 });
  registry.close();
  await putChat(db, ME, chatView(), null);
}

async function write(clientId: string): Promise<void> {
  const body = { t: "text" as const, text: clientId };
  const [sealed] = (await plaintext.seal({ id: CHAT, encryption: "none" }, [{ clientId, body }])).sealed;
  if (!sealed) throw new Error("nothing was sealed");
  await enqueue(db, { key: keyOf(CHAT, ME, clientId), chatId: CHAT, senderId: ME, clientId, body, sealed, at: 1 }, []);
}

/** A tab that leads, until the returned function is called. */
function tab(): () => void {
  let close = (): void => {};
  void locks.request(leaderLock(ME), {}, () => new Promise<void>((resolve) => (close = resolve)));
  return () => close();
}

const put = (clientId: string): string => `PUT /api/chats/${CHAT}/messages/${clientId}`;
const run = (): Promise<Outcome> => sendInBackground(world);
const calm = () => new Promise((resolve) => setTimeout(resolve, 30));

test("what waits is sent in order, each under its own id, and shown as sent", async () => {
  await signIn();
  await write("m1");
  await write("m2");
  expect(await run()).toBe("done");
  expect(asked).toEqual([put("m1"), put("m2")]);
  expect((await db.messagesIn(CHAT).toArray()).map((row) => row.seq)).toEqual([1, 2]);
});

test("without a person, or without anything that waits, nothing is asked", async () => {
  expect(await run()).toBe("done");
  await signIn();
  expect(await run()).toBe("done");
  expect(asked).toEqual([]);
});

test("waiting times from before are over: the browser says that there is a network", async () => {
  await signIn();
  await write("m1");
  await db.outbox.update("m1", { nextAt: 1e15, attempts: 7, posted: true });
  expect(await run()).toBe("done");
  expect(asked).toEqual([put("m1")]);
});

test("a tab that leads sends, and is only told", async () => {
  await signIn();
  await write("m1");
  const close = tab();
  const outcome = run();
  await vi.waitFor(() => expect(told).toEqual([{ t: "wake" }]));
  await db.outbox.clear();
  expect(await outcome).toBe("done");
  expect(asked).toEqual([]);
  close();
});

test("a tab that leads and does not send is given twenty seconds", async () => {
  await signIn();
  await write("m1");
  const close = tab();
  const outcome = run();
  await vi.waitFor(() => expect(told).toHaveLength(1));
  runtime.advance(20_000);
  expect(await outcome).toBe("later");
  close();
});

test("a tab that closes without having sent leaves it to the worker", async () => {
  await signIn();
  await write("m1");
  const close = tab();
  const outcome = run();
  await vi.waitFor(() => expect(told).toHaveLength(1));
  await calm();
  expect(asked).toEqual([]);
  close();
  expect(await outcome).toBe("done");
  expect(asked).toEqual([put("m1")]);
});

test("a server that does not answer is tried again, and then the browser is asked to come back", async () => {
  await signIn();
  await write("m1");
  answer = async () => {
    throw new TypeError("Failed to fetch");
  };
  const outcome = run();
  await vi.waitFor(() => expect(runtime.nextAt).toBeLessThan(20_000));
  runtime.advance(1_000);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  await calm();
  runtime.advance(20_000);
  expect(await outcome).toBe("later");
  expect(await db.outbox.count()).toBe(1);
});

test("a session that is over is not asked again: only the person can help", async () => {
  await signIn();
  await write("m1");
  answer = async () => Response.json({ code: "unauthenticated" }, { status: 401 });
  expect(await run()).toBe("done");
  expect((await db.outbox.get("m1"))?.posted).toBe(false);
});

test("a tab that opens meanwhile gets the lock, and sends", async () => {
  await signIn();
  await write("m1");
  answer = () => new Promise(() => {});
  const outcome = run();
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  say({ t: "hello" });
  expect(await outcome).toBe("done");
  let got = false;
  await locks.request(leaderLock(ME), {}, async () => void (got = true));
  expect(got).toBe(true);
});

// ── the wish ────────────────────────────────────────────────────────────────────────────────────────────────────────

const connection = new Cell<Connection>({ state: "offline" });
const visible = new Cell(true);
const register = vi.fn<() => Promise<void>>(async () => {});
const wishing = (): (() => void) => {
  register.mockClear();
  return wishForBackground({ db, connection, visible, runtime, register });
};

test("without a connection the browser is asked at once, and once for what waits", async () => {
  connection.set({ state: "offline" });
  const stop = wishing();
  await write("m1");
  await vi.waitFor(() => expect(register).toHaveBeenCalledOnce());
  await db.outbox.update("m1", { nextAt: 5, attempts: 1 });
  await calm();
  expect(register).toHaveBeenCalledOnce();
  await write("m2");
  await vi.waitFor(() => expect(register).toHaveBeenCalledTimes(2));
  stop();
});

test("with a connection only for what does not leave by itself", async () => {
  connection.set({ state: "online", syncing: false });
  const stop = wishing();
  await write("m1");
  await vi.waitFor(() => expect(runtime.nextAt).not.toBeNull());
  expect(register).not.toHaveBeenCalled();
  runtime.advance(2_000);
  await vi.waitFor(() => expect(register).toHaveBeenCalledOnce());
  await db.outbox.clear();
  await calm();
  runtime.advance(2_000);
  await calm();
  expect(register).toHaveBeenCalledOnce();
  stop();
});

test("again when the person puts the app away, and after a browser that refused", async () => {
  connection.set({ state: "offline" });
  const stop = wishing();
  register.mockRejectedValueOnce(new DOMException("denied", "NotAllowedError"));
  await write("m1");
  await vi.waitFor(() => expect(register).toHaveBeenCalledOnce());
  await calm();
  visible.set(false);
  await vi.waitFor(() => expect(register).toHaveBeenCalledTimes(2));
  stop();
  visible.set(true);
  visible.set(false);
  await write("m2");
  await calm();
  expect(register).toHaveBeenCalledTimes(2);
});
