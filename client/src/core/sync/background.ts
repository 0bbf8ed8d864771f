// Sending with no tab open: what the service worker does when the browser says that there is a network again
// (Background Sync). Under the same lock and with the same sender as the tab that leads, so nothing is sent twice and
// nothing out of order, whoever comes first.

import type { DexieOptions } from "dexie";

import { Api } from "../api/api.ts";
import { Http } from "../api/http.ts";
import { onlyPrepared } from "../crypto/prepared.ts";
import { KeyLost } from "../crypto/vault/local-key.ts";
import { Database } from "../db/database.ts";
import { isClosed, onWrite } from "../db/live-query.ts";
import { waits } from "../db/settling.ts";
import { constant } from "../live.ts";
import type { Link } from "../realtime/connection.ts";
import type { Runtime } from "../runtime.ts";
import { signedInUser } from "../session.ts";
import { openBridge } from "./bridge.ts";
import type { Environment } from "./environment.ts";
import { leaderLock } from "./leader.ts";
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

/** Milliseconds that one run may take. A browser ends a worker that takes minutes. */
const LIMIT = 20_000;
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
    if (!(await waits(db))) return "done";
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
  const cancel = world.runtime.after(LIMIT, () => over.abort());
  const bridge = openBridge(world.channel, me, () => {});
  let held = false;
  const lead = async (): Promise<Outcome> => {
    held = true;
    return send(world, me, db);
  };
  const empty = emptied(db, over.signal);
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
  let turn: Outcome = "later";
  const giveUp = (): void => {
    turn = "done";
    over.abort();
  };
  // A tab opened and asks who leads: it does, as soon as we let go.
  const bridge = openBridge(world.channel, me, (message) => message.t === "hello" && giveUp());
  const cancel = runtime.after(LIMIT, () => over.abort());
  const sender = new Sender({
    db,
    api: new Api(new Http({ base, fetch: world.fetch })),
    connection: NO_SOCKET,
    crypto: onlyPrepared,
    runtime,
    online: () => true,
    unauthenticated: giveUp,
  });
  try {
    sender.start();
    await sender.resume();
    return (await emptied(db, over.signal)) ? "done" : turn;
  } finally {
    sender.stop();
    cancel();
    bridge.close();
  }
}

/** True as soon as nothing waits; false when `over` came first. */
function emptied(db: Database, over: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const end = (empty: boolean): void => {
      stop();
      resolve(empty);
    };
    const look = async (): Promise<void> => {
      if (!(await waits(db))) end(true);
    };
    const looked = (): void => void look().catch(reject);
    const stop = onWrite(db, db.outbox, looked);
    over.addEventListener("abort", () => end(false), { once: true });
    if (over.aborted) end(false);
    else looked();
  });
}
