// Profiles of other people: kept here, fetched when missing or old.

import pLimit from "p-limit";

import type { Api } from "./api/api.ts";
import type { Database } from "./db/database.ts";
import { isClosed, query } from "./db/live-query.ts";
import type { Profile } from "./db/schema.ts";
import { ApiError } from "./errors.ts";
import type { Live } from "./live.ts";
import type { Runtime } from "./runtime.ts";

/** Milliseconds after which a profile is asked for again when it is shown. */
const FRESH = 15 * 60_000;
const PARALLEL = 4;
/** As many as the server takes in one call. */
const AT_ONCE = 100;

export class People {
  readonly #db: Database;
  readonly #api: Pick<Api, "users">;
  readonly #runtime: Runtime;
  readonly #limit = pLimit(PARALLEL);
  readonly #asked = new Set<string>();
  readonly #nobody = new Set<string>();

  constructor(db: Database, api: Pick<Api, "users">, runtime: Runtime) {
    this.#db = db;
    this.#api = api;
    this.#runtime = runtime;
  }

  /** Keeps profiles that came with something else. */
  async keep(profiles: readonly Profile[]): Promise<void> {
    const fetchedAt = this.#runtime.now();
    await this.#db.users.bulkPut(profiles.map((profile) => ({ ...profile, fetchedAt })));
  }

  /** Fetches those who are not here, or whose profile is old. Never rejects: a name can come later. */
  async want(userIds: Iterable<string>): Promise<void> {
    try {
      const wanted = [...new Set(userIds)].filter((id) => !this.#asked.has(id) && !this.#nobody.has(id));
      for (const id of wanted) this.#asked.add(id);
      try {
        const known = await this.#db.users.bulkGet(wanted);
        const old = this.#runtime.now() - FRESH;
        const missing = wanted.filter((_, index) => (known[index]?.fetchedAt ?? 0) < old);
        const parts = Array.from({ length: Math.ceil(missing.length / AT_ONCE) }, (_, part) =>
          missing.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
        );
        await Promise.all(parts.map((ids) => this.#limit(() => this.#fetch(ids))));
      } finally {
        for (const id of wanted) this.#asked.delete(id);
      }
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  /** As `want`, for everybody in a chat. */
  async wantMembers(chatId: string): Promise<void> {
    try {
      await this.want((await this.#db.membersOf(chatId)).map((member) => member.userId));
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  /** A person; null: there is nobody of that id. */
  profile(userId: string): Live<Profile | null | undefined> {
    const live = query(async () => (await this.#db.users.get(userId)) ?? (this.#nobody.has(userId) ? null : undefined));
    return {
      get: live.get,
      subscribe: (changed) => {
        void this.want([userId]);
        return live.subscribe(changed);
      },
    };
  }

  async #fetch(userIds: readonly string[]): Promise<void> {
    let found: Profile[];
    try {
      found = await this.#api.users(userIds);
    } catch (error) {
      if (error instanceof ApiError) return;
      throw error;
    }
    await this.keep(found);
    const here = new Set(found.map((profile) => profile.id));
    const missing = userIds.filter((id) => !here.has(id));
    for (const id of missing) this.#nobody.add(id);
    await this.#db.users.bulkDelete(missing);
  }
}
