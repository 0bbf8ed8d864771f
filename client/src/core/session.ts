// Who is signed in, for all tabs of this browser: one row in a small database of its own, read live.

import { Dexie, type DexieOptions, type Table } from "dexie";

import type { Api } from "./api/api.ts";
import { isClosed, query } from "./db/live-query.ts";
import { clearKept, isLost, wipe } from "./db/database.ts";
import { ApiError } from "./errors.ts";
import { Cell, until, type Live } from "./live.ts";
import type { Runtime } from "./runtime.ts";
import type { Me, Session } from "./services.ts";

/** What ended a session, so that what is kept here is wiped. */
export type Ending = "signedOut" | "revoked" | "deleted";

export interface SessionRow {
  key: "session";
  /** null: nobody. */
  me: Me | null;
  /** The server wants a new sign-in. */
  expired: boolean;
  /** What ended the last session. */
  reason: Ending | "none";
  /** Until this moment a tab is signing in or out: what the server says of the session that it ends is no news. */
  busyUntil: number;
  /** The browser had thrown away what was kept here, and the session lived on; until the person has been told. */
  recovered?: boolean;
  /** When the person last cleared what is kept here: a tab with older data begins anew. */
  clearedAt?: number;
}

class Registry extends Dexie {
  declare readonly sessions: Table<SessionRow, string>;

  constructor(options?: DexieOptions) {
    super("batiyoun", options);
    this.version(1).stores({ sessions: "key" });
  }
}

const NOBODY: SessionRow = { key: "session", me: null, expired: false, reason: "none", busyUntil: 0 };
/** Milliseconds that signing in or out takes at most; a tab that crashed in the middle holds nobody up longer. */
const BUSY = 30_000;

/** Whose data this browser keeps, for whoever has no page (the service worker); null: nobody's. */
export async function signedInUser(database?: DexieOptions): Promise<string | null> {
  const registry = new Registry(database);
  try {
    return (await registry.sessions.get("session"))?.me?.id ?? null;
  } finally {
    registry.close();
  }
}

export class SessionKeeper {
  readonly status: Live<Session>;
  readonly recovered: Live<boolean>;
  /** null until the registry has been read; a later value: begin anew. */
  readonly clearedAt: Live<number | null>;
  readonly #recovered = new Cell(false);
  readonly #clearedAt = new Cell<number | null>(null);
  readonly #status = new Cell<Session>({ state: "starting" });
  readonly #registry: Registry;
  readonly #database: DexieOptions | undefined;
  readonly #api: Api;
  readonly #runtime: Runtime;
  readonly #stop: () => void;

  /** What was found of the session before this began: true until the registry has been read. */
  foresee(row: SessionRow): void {
    if (this.#status.get().state === "starting") this.#set(sessionOf(row));
  }

  /** `database`: another IndexedDB than the global one (tests). */
  constructor(api: Api, runtime: Runtime, database?: DexieOptions) {
    this.#api = api;
    this.#runtime = runtime;
    this.#database = database;
    this.#registry = new Registry(database);
    this.status = this.#status;
    this.recovered = this.#recovered;
    this.clearedAt = this.#clearedAt;
    const row = query(async () => (await this.#registry.sessions.get("session")) ?? null);
    let first = true;
    this.#stop = row.subscribe(() => {
      const value = row.get();
      if (value === undefined) return;
      if (first) {
        first = false;
        // Who signed out stays so, even where the server could not be told and the cookie lives on.
        if (!value || value.me) void unlessClosed(this.#begin(value));
      }
      if (!value) return;
      this.#recovered.set(value.recovered ?? false);
      this.#set(sessionOf(value));
      this.#clearedAt.set(value.clearedAt ?? this.#clearedAt.get() ?? 0);
    });
  }

  /** The person knows that the data here had been thrown away. */
  recoverySeen(): Promise<void> {
    return this.#change({ recovered: false });
  }

  /** Removes the chats that this browser keeps of the person, who stays signed in with their keys; every tab begins anew. */
  async clear(beforeWipe: () => Promise<void>): Promise<void> {
    const me = this.#me();
    if (!me) throw ApiError.local("unauthenticated");
    await beforeWipe();
    await clearKept(me.id, this.#database);
    await this.#change({ clearedAt: this.#runtime.now() });
  }

  /** What is kept here cannot be opened any more: as after an eviction, the person stays signed in and begins anew. */
  async lost(beforeWipe: () => Promise<void>): Promise<void> {
    const me = this.#me();
    if (!me) return;
    await beforeWipe();
    // Another tab may have begun anew already: what it has made is not lost.
    if (await isLost(me.id, this.#database)) await wipe(me.id, this.#database);
    await this.#change({ recovered: true, clearedAt: this.#runtime.now() });
  }

  /** `beforeWipe` closes the database in this tab. */
  async signOut(force: boolean, beforeWipe: () => Promise<void>): Promise<void> {
    const me = this.#me();
    if (!me) return;
    await this.#change({ busyUntil: this.#runtime.now() + BUSY });
    try {
      await this.#api.signOut();
    } catch (error) {
      // A session that is over already needs no ending.
      if (!force && !(error instanceof ApiError && error.status === 401)) {
        await this.#change({ busyUntil: 0 });
        throw error;
      }
    }
    await this.#leave(me, "signedOut", beforeWipe);
  }

  /** Deletes the account by what `ask` does, and wipes what is here. Rejects as `ask` does, and then nothing changed. */
  async deleteAccount(ask: () => Promise<unknown>, beforeWipe: () => Promise<void>): Promise<void> {
    const me = this.#me();
    if (!me) throw ApiError.local("unauthenticated");
    await this.#change({ busyUntil: this.#runtime.now() + BUSY });
    try {
      await ask();
    } catch (error) {
      await this.#change({ busyUntil: 0 });
      throw error;
    }
    await this.#leave(me, "deleted", beforeWipe);
  }

  /** The server ended the session from elsewhere: what is here is wiped, as the person wanted it there. */
  async revoked(beforeWipe: () => Promise<void>): Promise<void> {
    const { sessions } = this.#registry;
    // Every request of a browser that comes back is refused: the first to be so wipes.
    const taken = this.#registry.transaction("rw", sessions, async () => {
      const row = await sessions.get("session");
      if (!row?.me || this.#isBusy(row)) return null;
      await sessions.put({ ...NOBODY, reason: "revoked" });
      return row.me;
    });
    const me = await unlessClosed(taken);
    if (me) await this.#wipe(me, beforeWipe);
  }

  /** The server said 401. Nothing local is wiped: the person reads on and signs in again. */
  async expired(): Promise<void> {
    const { sessions } = this.#registry;
    const mark = this.#registry.transaction("rw", sessions, async () => {
      const row = await sessions.get("session");
      if (row?.me && !this.#isBusy(row)) await sessions.update("session", { expired: true });
    });
    await unlessClosed(mark);
  }

  /** The server told of one's own profile, so there is a session. Changes nothing when somebody else, or nobody, is here. */
  async update(me: Me): Promise<void> {
    const { sessions } = this.#registry;
    await this.#registry.transaction("rw", sessions, async () => {
      const row = await sessions.get("session");
      if (row?.me?.id === me.id) await sessions.update("session", { me, expired: false });
    });
  }

  close(): void {
    this.#stop();
    this.#registry.close();
  }

  #isBusy(row: SessionRow): boolean {
    return row.busyUntil > this.#runtime.now();
  }

  #me(): Me | null {
    const status = this.#status.get();
    return status.state === "signedIn" ? status.me : null;
  }

  /** Asks the server who we are: the browser may have lost our data and kept the cookie, or the other way round. */
  async #begin(row: SessionRow | null): Promise<void> {
    try {
      // Browsers count a 401 among the errors of a page, so whoever is new here is not asked whose the session is.
      if (!row && !(await this.#api.hasSession())) return await this.#first(NOBODY);
      const me = await this.#api.whoAmI();
      // A session and nothing kept: the browser needed the room (it throws everything of an address away, but cookies).
      if (!row) await this.#first({ ...NOBODY, me, recovered: true });
      else if (row.me?.id === me.id) await this.update(me);
      else await this.expired(); // the cookie speaks for somebody else
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!row) await this.#first(NOBODY);
      // Otherwise a 401 has been told through `expired`, and anything else says nothing of the session.
    }
  }

  /** Puts the first row there is; while we asked the server, the person may have signed in. */
  async #first(row: SessionRow): Promise<void> {
    const { sessions } = this.#registry;
    await this.#registry.transaction("rw", sessions, async () => {
      if (!(await sessions.get("session"))) await sessions.put(row);
    });
  }

  /** Signs in by whatever `ask` does; resolves when every tab knows. Rejects as `ask` does, and then nothing changed. */
  async enter(ask: () => Promise<Me>): Promise<void> {
    await this.#change({ busyUntil: this.#runtime.now() + BUSY });
    let me: Me;
    try {
      me = await ask();
    } catch (error) {
      await this.#change({ busyUntil: 0 });
      throw error;
    }
    await this.#registry.sessions.put({ ...NOBODY, me });
    await until(this.#status, (status) => status.state === "signedIn" && status.me.id === me.id && !status.expired);
  }

  async #leave(me: Me, reason: Ending, beforeWipe: () => Promise<void>): Promise<void> {
    await this.#registry.sessions.put({ ...NOBODY, reason });
    await this.#wipe(me, beforeWipe);
  }

  async #wipe(me: Me, beforeWipe: () => Promise<void>): Promise<void> {
    await until(this.#status, (status) => status.state !== "signedIn" || status.me.id !== me.id);
    await beforeWipe();
    await wipe(me.id, this.#database);
  }

  async #change(change: Partial<SessionRow>): Promise<void> {
    await this.#registry.sessions.update("session", change);
  }

  #set(session: Session): void {
    if (JSON.stringify(session) !== JSON.stringify(this.#status.get())) this.#status.set(session);
  }
}

function sessionOf({ me, expired, reason }: SessionRow): Session {
  return me ? { state: "signedIn", me, expired } : { state: "signedOut", reason };
}

/** Waits; that this tab was closed in the meantime is no error. */
async function unlessClosed<T>(work: PromiseLike<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!isClosed(error)) throw error;
    return undefined;
  }
}
