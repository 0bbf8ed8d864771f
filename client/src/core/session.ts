// Who is signed in, for all tabs of this browser: one row in a small database of its own, read live.

import { Dexie, type Table } from "dexie";

import type { Api } from "./api/api.ts";
import { query } from "./db/live-query.ts";
import { wipe } from "./db/database.ts";
import { ApiError } from "./errors.ts";
import { Cell, until, type Live } from "./live.ts";
import type { Me, Session, SignUp } from "./services.ts";

interface SessionRow {
  key: "session";
  /** null: nobody. */
  me: Me | null;
  /** The server wants a new sign-in. */
  expired: boolean;
  /** What ended the last session. */
  reason: "none" | "signedOut" | "revoked";
  /** A tab is signing out: what the server then says about the session is no news. */
  leaving: boolean;
}

class Registry extends Dexie {
  declare readonly sessions: Table<SessionRow, string>;

  constructor() {
    super("batiyoun");
    this.version(1).stores({ sessions: "key" });
  }
}

const NOBODY: SessionRow = { key: "session", me: null, expired: false, reason: "none", leaving: false };

export class SessionKeeper {
  readonly status: Live<Session>;
  readonly #status = new Cell<Session>({ state: "starting" });
  readonly #registry = new Registry();
  readonly #api: Api;
  readonly #stop: () => void;

  constructor(api: Api) {
    this.#api = api;
    this.status = this.#status;
    const row = query(async () => (await this.#registry.sessions.get("session")) ?? null);
    let first = true;
    this.#stop = row.subscribe(() => {
      const value = row.get();
      if (value === undefined) return;
      if (first) {
        first = false;
        // Who signed out stays so, even where the server could not be told and the cookie lives on.
        if (!value || value.me) void this.#begin(value);
      }
      if (value) this.#set(sessionOf(value));
    });
  }

  async signIn(identifier: string, password: string): Promise<void> {
    await this.#enter(await this.#api.signIn(identifier, password));
  }

  async signUp(form: SignUp): Promise<void> {
    await this.#enter(await this.#api.signUp(form));
  }

  /** `beforeWipe` closes the database in this tab. */
  async signOut(force: boolean, beforeWipe: () => Promise<void>): Promise<void> {
    const me = this.#me();
    if (!me) return;
    await this.#change({ leaving: true });
    try {
      await this.#api.signOut();
    } catch (error) {
      // A session that is over already needs no ending.
      if (!force && !(error instanceof ApiError && error.status === 401)) {
        await this.#change({ leaving: false });
        throw error;
      }
    }
    await this.#leave(me, "signedOut", beforeWipe);
  }

  /** The server ended the session from elsewhere: what is here is wiped, as the person wanted it there. */
  async revoked(beforeWipe: () => Promise<void>): Promise<void> {
    const row = await this.#registry.sessions.get("session");
    if (row?.me && !row.leaving) await this.#leave(row.me, "revoked", beforeWipe);
  }

  /** The server said 401. Nothing local is wiped: the person reads on and signs in again. */
  async expired(): Promise<void> {
    const row = await this.#registry.sessions.get("session");
    if (row?.me && !row.leaving && !row.expired) await this.#change({ expired: true });
  }

  async update(me: Me): Promise<void> {
    if (this.#me()?.id === me.id) await this.#change({ me });
  }

  close(): void {
    this.#stop();
    this.#registry.close();
  }

  #me(): Me | null {
    const status = this.#status.get();
    return status.state === "signedIn" ? status.me : null;
  }

  /** Asks the server who we are: the browser may have lost our data and kept the cookie, or the other way round. */
  async #begin(row: SessionRow | null): Promise<void> {
    try {
      const me = await this.#api.whoAmI();
      if (!row?.me || row.me.id === me.id) await this.#enter(me);
      else await this.#change({ expired: true });
    } catch (error) {
      if (row?.me || !(error instanceof ApiError)) return; // a 401 has been told through `expired`
      await this.#registry.sessions.put({ ...NOBODY, reason: row?.reason ?? "none" });
    }
  }

  async #enter(me: Me): Promise<void> {
    await this.#registry.sessions.put({ ...NOBODY, me });
    await until(this.#status, (status) => status.state === "signedIn" && status.me.id === me.id && !status.expired);
  }

  async #leave(me: Me, reason: "signedOut" | "revoked", beforeWipe: () => Promise<void>): Promise<void> {
    await this.#registry.sessions.put({ ...NOBODY, reason });
    await until(this.#status, (status) => status.state !== "signedIn" || status.me.id !== me.id);
    await beforeWipe();
    await wipe(me.id);
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
