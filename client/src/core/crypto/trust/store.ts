// What this device believes of people's keys, sealed in the vault, one row per person; any tab may read and change it.

import type { VaultWrite } from "../interface.ts";
import type { Database } from "../../db/database.ts";
import { commitWrites } from "../../db/ingest.ts";
import type { MessageRow } from "../../db/schema.ts";
import type { Packable } from "../keys/packed.ts";
import { SealBroken } from "../keys/sealing.ts";
import type { Vault } from "../vault/vault.ts";
import { judgeTrust, type TrustEvent, type TrustNews, type TrustRecord } from "./model.ts";

const PREFIX = "trust/";
/** Counts up with every change, so that whoever remembers the rows knows when to read them again. */
const VERSION = "trust";

export interface PersonEvent {
  userId: string;
  event: TrustEvent;
}

export interface PersonNews {
  userId: string;
  news: TrustNews;
}

export type Known = ReadonlyMap<string, TrustRecord>;

export interface TrustStoreOptions {
  db: Database;
  vault: Vault;
  now: () => number;
  /** Rows that tell of it in conversations, to be kept together with the change. Not called inside a transaction. */
  tell?: (news: readonly PersonNews[]) => Promise<MessageRow[]>;
  /** Called in the transaction, before anything is written; throws to call it off. */
  guard?: () => Promise<void>;
}

export class TrustStore {
  readonly #options: TrustStoreOptions;
  #remembered: { version: number; known: Map<string, TrustRecord> } | null = null;

  constructor(options: TrustStoreOptions) {
    this.#options = options;
  }

  /** Everybody whose keys this device has seen. */
  async all(): Promise<Known> {
    return (await this.#read()).known;
  }

  /** What happened, in its order. Answers what the owner should hear of. */
  async change(events: readonly PersonEvent[]): Promise<PersonNews[]> {
    for (;;) {
      const { version, known } = await this.#read();
      const after = new Map<string, TrustRecord>();
      const news: PersonNews[] = [];
      for (const { userId, event } of events) {
        const before = after.get(userId) ?? known.get(userId) ?? null;
        const judged = judgeTrust(before, event, this.#options.now());
        if (judged.record !== null && judged.record !== before) after.set(userId, judged.record);
        if (judged.news !== null) news.push({ userId, news: judged.news });
      }
      if (after.size === 0) return [];
      if (await this.#write(version, after, news)) return news;
    }
  }

  /** False: another tab has changed something meanwhile. */
  async #write(version: number, after: ReadonlyMap<string, TrustRecord>, news: readonly PersonNews[]): Promise<boolean> {
    const { db, vault, tell, guard } = this.#options;
    const writes: VaultWrite[] = [];
    for (const [userId, record] of after) writes.push(await vault.write(PREFIX + userId, record as unknown as Packable));
    const rows = await db.words.sealMessages(news.length > 0 && tell ? await tell(news) : []);
    const done = await db.transaction("rw", [db.vault, db.meta, db.messages], async () => {
      await guard?.();
      if ((await versionIn(db)) !== version) return false;
      await commitWrites(db, writes);
      if (rows.length > 0) await db.messages.bulkPut(rows);
      await db.meta.put({ key: VERSION, value: version + 1 });
      return true;
    });
    this.#remembered = null;
    return done;
  }

  async #read(): Promise<{ version: number; known: Map<string, TrustRecord> }> {
    const { db, vault } = this.#options;
    const version = await versionIn(db);
    if (this.#remembered?.version === version) return this.#remembered;
    const known = new Map<string, TrustRecord>();
    for (const key of await vault.keys(PREFIX)) {
      const record = await recordIn(vault, key);
      if (record !== null) known.set(key.slice(PREFIX.length), record);
    }
    this.#remembered = { version, known };
    return this.#remembered;
  }
}

/** Rows of earlier versions do not say when the owner decided. */
type Stored = Omit<TrustRecord, "decided"> & { decided?: number };

/** One that was changed behind our back is as good as gone: the person is met for the first time again. */
async function recordIn(vault: Vault, key: string): Promise<TrustRecord | null> {
  try {
    const row = (await vault.read(key)) as unknown as Stored | undefined;
    return row === undefined ? null : { ...row, decided: row.decided ?? (row.verified ? row.since : 0) };
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}

export async function versionIn(db: Database): Promise<number> {
  const value = (await db.meta.get(VERSION))?.value;
  return typeof value === "number" ? value : 0;
}
