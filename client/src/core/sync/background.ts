// Sending with no tab open: what the service worker does when the browser says that there is a network again
// (Background Sync). Under the same lock, with the same sender and the same engine of encryption as the tab that leads,
// so nothing is sent twice and nothing out of order, whoever comes first. Every step is stored before the next one, so a
// worker may be ended at any moment.

import type { DexieOptions } from "dexie";

import { Http } from "../api/http.ts";
import { messagesApi } from "../api/messages.ts";
import { KeyLost } from "../crypto/vault/local-key.ts";
import { Database } from "../db/database.ts";
import { Deposed } from "../db/ingest.ts";
import { isClosed, onWrite } from "../db/live-query.ts";
import { readHeads } from "../db/settling.ts";
import type { ApiError } from "../errors.ts";
import { constant } from "../live.ts";
import type { Link } from "../realtime/connection.ts";
import type { Runtime } from "../runtime.ts";
import { signedInUser } from "../session.ts";
import { awayCrypto } from "./away.ts";
import { openBridge } from "./bridge.ts";
import type { Environment } from "./environment.ts";
import { leaderLock } from "./leader.ts";
import { judge } from "./outbox.ts";
import { Sender } from "./sender.ts";

export interface BackgroundWorld {
  locks: NonNullable<Environment["locks"]>;
  channel: Environment["channel"];
  runtime: Runtime;
  fetch: typeof fetch;
  /** The server's origin; empty: the worker's own. */
  base: string;
  /** Another IndexedDB than the global one (tests). */
  database?: DexieOptions;
}

/**
 * "done": nothing waits, or it is somebody else's turn (a tab that opened, a person who has to sign in).
 * "later": something waits still; the browser should try again.
 */
export type Outcome = "done" | "later";

/** Milliseconds that a run may take in which nothing gets on: no tab sends, or no answer comes. */
const STILL = 20_000;
/** Milliseconds that one run may take. A browser ends a worker that takes minutes (Chromium: three). */
const WHOLE = 150_000;
/** What a person has to look at: refused by every sender until then. */
const FOR_A_PERSON = new Set(["keys_changed"]);
/** What somebody else's device has to do first; that may be soon. */
const FOR_OTHERS = new Set(["waiting_for_member", "waiting_for_device"]);
/** Sending goes by PUT: a worker holds no socket. */
const NO_SOCKET = {
  link: constant<Link>({ state: "closed" }),
  emit: (): never => {
    throw new TypeError("a worker has no socket");
  },
};

/** Sends what waits, or asks the tab that leads to do it. Rejects only when the database fails. */
export async function sendInBackground(world: BackgroundWorld): Promise<Outcome> {
  const me = await signedInUser(world.database);
  if (!me) return "done";
  const db = new Database(me, world.database);
  try {
    // Written by a newer version: its worker knows how to send that.
    if (await db.isNewer()) return "later";
    if ((await readHeads(db)).length === 0) return "done";
    return await underLock(world, me, db);
  } catch (error) {
    // Signed out meanwhile; or nothing here can be opened any more, and a tab will begin anew.
    if (isClosed(error) || error instanceof KeyLost) return "done";
    throw error;
  } finally {
    db.close();
  }
}

/** Tells the tab that leads, if there is one, that the way is free, and takes its place if it closes. */
async function underLock(world: BackgroundWorld, me: string, db: Database): Promise<Outcome> {
  const [over, inLine] = [new AbortController(), new AbortController()];
  const cancel = world.runtime.after(STILL, () => over.abort());
  const bridge = openBridge(world.channel, me, () => {});
  let held = false;
  const lead = async (): Promise<Outcome> => {
    held = true;
    return send(world, me, db);
  };
  const { empty } = emptied(db, over.signal);
  const leave = (): void => inLine.abort();
  empty.then(leave, leave);
  try {
    const ours = world.locks.request(leaderLock(me), { signal: inLine.signal }, lead);
    bridge.send({ t: "wake" });
    return await ours;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    // Taken from us by a tab, which leads now; or nobody let go of it in time.
    return held || (await empty) ? "done" : "later";
  } finally {
    cancel();
    over.abort();
    bridge.close();
  }
}

async function send(world: BackgroundWorld, me: string, db: Database): Promise<Outcome> {
  const { runtime, base } = world;
  const over = new AbortController();
  const end = (): void => over.abort();
  let turn: Outcome = "later";
  const giveUp = (): void => {
    turn = "done";
    end();
  };
  let failure: unknown = null;
  const broken = (error: unknown): void => {
    failure = error;
    giveUp();
  };
  const time = patience(runtime, end);
  // A tab opened and asks who leads: it does, as soon as we let go.
  const bridge = openBridge(world.channel, me, (message) => message.t === "hello" && giveUp());
  const http = new Http({ base, fetch: time.during(world.fetch) });
  const api = messagesApi(http);
  const crypto = awayCrypto({ db, me, api, rest: http, runtime, broken });
  const left = new Map<string, ApiError>();
  const { empty, look } = emptied(db, over.signal, left);
  const sender = new Sender({
    db, api, crypto, runtime,
    connection: NO_SOCKET,
    online: () => true,
    unauthenticated: giveUp,
    leaves: (error, chatId) => {
      if (!isForATab(error)) return false;
      left.set(chatId, error);
      look();
      return true;
    },
  });
  try {
    sender.start();
    await sender.resume();
    const sent = await empty;
    // Another engine writes now: that is how it should be.
    if (failure !== null && !(failure instanceof Deposed)) throw failure;
    if (!sent) return turn;
    return [...left.values()].some(({ code }) => FOR_OTHERS.has(code)) ? "later" : "done";
  } finally {
    sender.stop();
    crypto.stop();
    time.stop();
    bridge.close();
  }
}

/** What a tab may show, and ask the person about, is for a tab; trouble on the way is not. */
const isForATab = (error: ApiError): boolean =>
  FOR_A_PERSON.has(error.code) || FOR_OTHERS.has(error.code) || judge(error, 1, 0).do === "fail";

/** Calls `end` when no good answer came for a while, or all the time is over. */
function patience(runtime: Runtime, end: () => void): { during: (ask: typeof fetch) => typeof fetch; stop: () => void } {
  let stopped = false;
  let still = runtime.after(STILL, end);
  const whole = runtime.after(WHOLE, end);
  const during =
    (ask: typeof fetch): typeof fetch =>
    async (input, init) => {
      const answer = await ask(input, init);
      if (answer.ok && !stopped) {
        still();
        still = runtime.after(STILL, end);
      }
      return answer;
    };
  const stop = (): void => {
    stopped = true;
    still();
    whole();
  };
  return { during, stop };
}

const nothing = (): void => {};

/**
 * `empty` is true as soon as nothing waits but in chats that are `left`; false when `over` came first. `look`: those are
 * others now.
 */
function emptied(
  db: Database,
  over: AbortSignal,
  left: ReadonlyMap<string, unknown> = new Map(),
): { empty: Promise<boolean>; look: () => void } {
  let look = nothing;
  const empty = new Promise<boolean>((resolve, reject) => {
    const end = (sent: boolean): void => {
      stop();
      resolve(sent);
    };
    const read = async (): Promise<void> => {
      if ((await readHeads(db)).every((head) => left.has(head.chatId))) end(true);
    };
    look = () => void read().catch(reject);
    const stop = onWrite(db, db.outbox, () => look());
    over.addEventListener("abort", () => end(false), { once: true });
    if (over.aborted) end(false);
    else look();
  });
  return { empty, look };
}
