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

export class People {
  readonly #db: Database;
  readonly #api: Api;
  readonly #runtime: Runtime;
  readonly #limit = pLimit(PARALLEL);
  readonly #asked = new Set<string>();
  readonly #nobody = new Set<string>();

  constructor(db: Database, api: Api, runtime: Runtime) {
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
      const known = await this.#db.users.bulkGet(wanted);
      const old = this.#runtime.now() - FRESH;
      await Promise.all(
        wanted.map(async (id, index) => {
          try {
            if ((known[index]?.fetchedAt ?? 0) < old) await this.#limit(() => this.#fetch(id));
          } finally {
            this.#asked.delete(id);
          }
        }),
      );
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

  async #fetch(userId: string): Promise<void> {
    try {
      await this.keep([await this.#api.user(userId)]);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "user_not_found") {
        this.#nobody.add(userId);
        await this.#db.users.delete(userId);
      }
    }
  }
}
