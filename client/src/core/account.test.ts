import { Dexie } from "dexie";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Account } from "./account.ts";
import { Api } from "./api/api.ts";
import { Caller } from "./api/caller.ts";
import { plaintext } from "./crypto/plaintext.ts";
import { databaseName } from "./db/database.ts";
import { Cell } from "./live.ts";
import type { BridgeMessage } from "./sync/bridge.ts";
import { FakeLocks } from "./testing/locks.ts";
import { ME } from "./testing/envelopes.ts";
import { FakeRuntime } from "./testing/runtime.ts";

// A tab that follows: another one holds the lock from the start. `leaderSays` is how that one answers.
let locks: FakeLocks;
let runtime: FakeRuntime;
let account: Account;
let visible: Cell<boolean>;
let heard: BridgeMessage[];
let leaderSays: ((message: BridgeMessage) => void) | null;
let stolen: boolean;

const database = { indexedDB: new IDBFactory(), IDBKeyRange };
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Opens the tab and lets it find its place. */
async function start(): Promise<void> {
  account.start();
  await vi.waitFor(() => expect(heard).not.toEqual([]));
}

beforeEach(() => {
  database.indexedDB = new IDBFactory();
  locks = new FakeLocks();
  runtime = new FakeRuntime();
  visible = new Cell(true);
  heard = [];
  leaderSays = null;
  stolen = false;
  void locks.request(`batiyoun-leader-${ME}`, {}, () => new Promise(() => {})).catch(() => (stolen = true));
  const offline = () => Promise.reject(new TypeError("no network"));
  const rest = new Caller({ base: "http://127.0.0.1:1", fetch: offline });
  account = new Account({
    me: ME,
    api: new Api(rest),
    rest,
    crypto: () => plaintext,
    runtime,
    base: "http://127.0.0.1:1",
    database,
    unauthenticated: () => {},
    revoked: () => {},
    lost: () => {},
    environment: {
      online: new Cell(true),
      visible,
      locks,
      channel: (_, receive) => {
        leaderSays = receive;
        return { post: (message) => heard.push(message as BridgeMessage), close: () => {} };
      },
      persisted: async () => null,
      persist: async () => null,
    },
  });
});

afterEach(async () => {
  await account.close();
});

const answerHello = (): void =>
  leaderSays?.({
    t: "state",
    connection: { state: "online", syncing: false },
    presence: { people: new Map([["asha", { online: true, lastSeen: null }]]), typing: new Map() },
  });

test("a follower shows what the leader sees", async () => {
  await start();
  expect(heard[0]).toEqual({ t: "hello" });
  answerHello();
  expect(account.connection.get()).toEqual({ state: "online", syncing: false });
  expect(account.presence.people.get().get("asha")?.online).toBe(true);
});

test("a leader that answers keeps the lead", async () => {
  await start();
  for (let round = 0; round < 5; round += 1) {
    answerHello();
    runtime.advance(5_000);
    await settle();
  }
  expect(stolen).toBe(false);
});

test("a leader that does not answer loses the lead", async () => {
  await start();
  runtime.advance(5_000);
  await vi.waitFor(() => expect(stolen).toBe(true));
  await vi.waitFor(() => expect(heard).toContainEqual({ t: "roll" }));
});

test("a tab that nobody sees does not take the lead", async () => {
  await start();
  answerHello();
  visible.set(false);
  runtime.advance(60_000);
  await settle();
  expect(stolen).toBe(false);
});

test("what a follower does reaches the leader", async () => {
  await start();
  heard = [];
  account.typing("chat");
  account.typing("chat");
  const close = account.openChat("chat");
  account.openChat("other");
  close();
  close();
  leaderSays?.({ t: "roll" });
  account.wake();
  expect(heard.map((message) => ("chatIds" in message ? message.chatIds : message.t))).toEqual([
    "typing",
    ["chat"],
    ["chat", "other"],
    ["other"],
    ["other"],
    "wake",
  ]);
});

test("an app that is older than its database asks to be reloaded, and writes nothing", async () => {
  const newer = new Dexie(databaseName(ME), database);
  const tables = account.db.tables.map((table) => [table.name, [table.schema.primKey, ...table.schema.indexes].map((index) => index.src).join()]);
  newer.version(99).stores({ ...Object.fromEntries(tables), stars: "key" });
  await newer.open();
  newer.close();
  account.start();
  await vi.waitFor(() => expect(account.connection.get()).toEqual({ state: "outdated" }));
  runtime.advance(60_000);
  await settle();
  expect(stolen).toBe(false);
});
