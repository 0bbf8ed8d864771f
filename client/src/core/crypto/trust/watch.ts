// The engine's look at whose keys a chat's messages are locked with.

import type { Database } from "../../db/database.ts";
import { checkTerm } from "../../db/ingest.ts";
import { ApiError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import type { Leaf } from "../mls/guard.ts";
import { readIdentity } from "../mls/identity.ts";
import type { Vault } from "../vault/vault.ts";
import { holders } from "./hold.ts";
import { trustOf } from "./model.ts";
import { noticesOf } from "./notices.ts";
import { TrustStore, type PersonEvent } from "./store.ts";

export interface WatchOptions {
  db: Database;
  vault: Vault;
  runtime: Runtime;
  term: number;
  me: string;
  /** The identity key by the server's directory; null: it names none. Rejects with `ApiError`. */
  identityOf: (userId: string) => Promise<Uint8Array | null>;
}

export class TrustWatch {
  readonly #options: WatchOptions;
  readonly #store: TrustStore;

  constructor(options: WatchOptions) {
    const { db, vault, runtime, term } = options;
    this.#options = options;
    this.#store = new TrustStore({
      db,
      vault,
      now: () => runtime.now(),
      tell: (news) => noticesOf(db, news, runtime.now()),
      guard: () => checkTerm(db, term),
    });
  }

  /**
   * Takes note of who is in a chat's group, once the group is what the roster says. What is new is compared with the
   * server's directory: a server that tells some of one key and others of another is seen by the first who look.
   */
  async look(leaves: readonly Leaf[]): Promise<void> {
    const news = await this.#store.change(this.#seen(leaves));
    const said: PersonEvent[] = [];
    for (const userId of new Set(news.map((each) => each.userId))) {
      const key = await this.#asked(userId);
      if (key !== null) said.push({ userId, event: { t: "directory", key } });
    }
    if (said.length > 0) await this.#store.change(said);
  }

  /** Whose keys have to be looked at before anything is locked for these leaves. */
  async held(chatId: string, leaves: readonly Leaf[]): Promise<string[]> {
    const [chat, known] = [await this.#options.db.chats.get(chatId), await this.#store.all()];
    const people = new Set(this.#seen(leaves).map((each) => each.userId));
    const trusts = [...people].map((userId) => {
      const record = known.get(userId);
      return [userId, record && trustOf(record)] as const;
    });
    return chat ? holders(chat, trusts) : [];
  }

  #seen(leaves: readonly Leaf[]): PersonEvent[] {
    const people = new Map<string, { deviceId: string; key: Uint8Array }[]>();
    for (const leaf of leaves) {
      const identity = readIdentity(leaf.credential);
      if (identity === null || identity.userId === this.#options.me) continue;
      const { userId, deviceId, identityKey: key } = identity;
      people.set(userId, [...(people.get(userId) ?? []), { deviceId, key }]);
    }
    return [...people].map(([userId, devices]) => ({ userId, event: { t: "seen", devices } }));
  }

  /** The directory is a second opinion: without a network there is none. */
  async #asked(userId: string): Promise<Uint8Array | null> {
    try {
      return await this.#options.identityOf(userId);
    } catch (error) {
      if (error instanceof ApiError) return null;
      throw error;
    }
  }
}
