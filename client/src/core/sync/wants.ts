// Tells the server what this person wants of their chats, and forgets a mute that is over. What has to be told is on the
// chats' rows, so it survives a reload and comes from any tab; the leader tells it.

import type { Api } from "../api/api.ts";
import type { ChatView } from "../contracts/index.ts";
import type { Database } from "../db/database.ts";
import { isClosed, query } from "../db/live-query.ts";
import type { Wants } from "../db/schema.ts";
import type { StoredChat } from "../db/stored.ts";
import { newerWants, wantsOf } from "../db/wants.ts";
import { ApiError } from "../errors.ts";
import type { Live } from "../live.ts";
import type { Runtime } from "../runtime.ts";

/** Milliseconds until what failed is told again, unless the connection comes back first. */
const AGAIN = 10_000;
/** Milliseconds that a timer can wait (HTML, timer initialization steps: a signed number of 32 bits). */
const LONGEST = 2 ** 31 - 1;

type Preferences = ChatView["preferences"];

/** What has changed here since `told` was on its way; undefined: nothing. Pure. */
export function stillAsked(now: Partial<Wants>, told: Partial<Wants>): Partial<Wants> | undefined {
  const keys = (Object.keys(now) as (keyof Wants)[]).filter((key) => !(key in told) || told[key] !== now[key]);
  if (keys.length === 0) return undefined;
  return Object.fromEntries(keys.map((key) => [key, now[key]])) as Partial<Wants>;
}

/** Takes what the server says of a chat; of what was asked here, `told` has been answered. Without `preferences`: by no. */
export async function putWants(
  db: Database,
  chatId: string,
  preferences: Preferences | null,
  told: Partial<Wants> = {},
): Promise<void> {
  await db.transaction("rw", db.chats, async () => {
    const row = await db.chats.get(chatId);
    if (!row) return;
    await db.chats.update(chatId, {
      ...(preferences ? { wants: newerWants(row.wants, preferences) } : {}),
      asked: row.asked && stillAsked(row.asked, told),
    });
  });
}

/** When the first of these mutes ends after `now`, as milliseconds from `now`; null: none that a timer could wait for. */
export function nextEnd(chats: readonly StoredChat[], now: number): number | null {
  const ends = chats.flatMap((chat) => wantsOf(chat).mutedUntil ?? []).map((end) => end - now);
  const soon = ends.filter((wait) => wait < LONGEST);
  return soon.length > 0 ? Math.max(0, Math.min(...soon)) : null;
}

export class WantsTeller {
  readonly #db: Database;
  readonly #api: Pick<Api, "prefer">;
  readonly #connected: () => boolean;
  readonly #runtime: Runtime;
  readonly #rows: Live<StoredChat[] | undefined>;
  #stopWatching: (() => void) | null = null;
  #cancelAgain: (() => void) | null = null;
  #cancelEnd: (() => void) | null = null;
  #telling = false;
  /** Something came while it was telling. */
  #more = false;

  constructor(db: Database, api: Pick<Api, "prefer">, connected: () => boolean, runtime: Runtime) {
    this.#db = db;
    this.#api = api;
    this.#connected = connected;
    this.#runtime = runtime;
    this.#rows = query(() => db.chats.filter((row) => row.asked !== undefined || wantsOf(row).mutedUntil !== null).toArray());
  }

  start(): void {
    this.#stopWatching = this.#rows.subscribe(() => {
      this.#watchEnds();
      void this.#tell();
    });
  }

  stop(): void {
    this.#stopWatching?.();
    this.#stopWatching = null;
    this.#cancelAgain?.();
    this.#cancelEnd?.();
  }

  /** The connection is there (again). */
  resume(): void {
    void this.#tell();
  }

  #watchEnds(): void {
    this.#cancelEnd?.();
    const wait = nextEnd(this.#rows.get() ?? [], this.#runtime.now());
    this.#cancelEnd = wait === null ? null : this.#runtime.after(wait, () => void this.#end());
  }

  /** Mutes that are over become none, and the lists that show them are read again. The server needs not be told. */
  async #end(): Promise<void> {
    const now = this.#runtime.now();
    const over = (until: number | null | undefined): boolean => until != null && until <= now;
    try {
      await this.#db.chats
        .filter(({ wants, asked }) => over(wants?.mutedUntil) || over(asked?.mutedUntil))
        .modify((row) => {
          if (row.wants && over(row.wants.mutedUntil)) row.wants.mutedUntil = null;
          if (row.asked && over(row.asked.mutedUntil)) row.asked.mutedUntil = null;
        });
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  async #tell(): Promise<void> {
    this.#more = true;
    if (this.#telling) return;
    this.#telling = true;
    try {
      while (this.#more && this.#connected() && this.#stopWatching) {
        this.#more = false;
        const waiting = (this.#rows.get() ?? []).filter((row) => row.asked !== undefined);
        for (const row of waiting) await this.#tellOne(row);
      }
    } catch (error) {
      if (!isClosed(error)) throw error;
    } finally {
      this.#telling = false;
    }
  }

  async #tellOne({ id, asked = {} }: StoredChat): Promise<void> {
    const { mutedUntil, ...rest } = asked;
    const until = mutedUntil === undefined ? {} : { mutedUntil: mutedUntil === null ? null : new Date(mutedUntil).toISOString() };
    try {
      await putWants(this.#db, id, await this.#api.prefer(id, { ...rest, ...until }), asked);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const later = error.retryable || error.code === "rate_limited" || error.code === "unauthenticated";
      // A clear no, as when five others were pinned elsewhere meanwhile: what the server knows is true again.
      if (!later) return putWants(this.#db, id, null, asked);
      this.#cancelAgain?.();
      this.#cancelAgain = this.#runtime.after(AGAIN, () => void this.#tell());
    }
  }
}
