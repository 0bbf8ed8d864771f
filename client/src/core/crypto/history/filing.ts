// Brings the keys of opened messages into the archive, in the background.
//
// The keys wait in the vault, put there in the transaction that stored their messages, and leave it when they were seen in
// the archive some time after they were written: another device may have read the same batch a moment earlier and written
// it without them. So a crash, a lost answer or two devices at once cost nothing but another round.

import { ApiError } from "../../errors.ts";
import type { Database } from "../../db/database.ts";
import { checkTerm, commitWrites, Deposed } from "../../db/ingest.ts";
import { isClosed } from "../../db/live-query.ts";
import { backoff, type Runtime } from "../../runtime.ts";
import type { VaultWrite } from "../interface.ts";
import { MAX_KEYS, type ArchivedKey } from "../keys/archive.ts";
import type { Packable } from "../keys/packed.ts";
import type { Vault } from "../vault/vault.ts";
import { messageName, type Archive } from "./archive.ts";
import { batchOf, WAITING, waitingFor, waitingName } from "./names.ts";
import { FULL, switchName } from "./state.ts";

export interface FilingOptions {
  db: Database;
  vault: Vault;
  archive: Archive;
  term: number;
  runtime: Runtime;
}

/** Milliseconds in which keys are gathered; another half of it at random, so that of two devices one is the first. */
const GATHER = 5_000;
/** Milliseconds until a batch is looked at again: longer than a request that was under way may take. */
export const SETTLED = 60_000;
/** Milliseconds until another try when there is no room. */
const FULL_WAIT = 3_600_000;

/** The rows that make the keys of a piece of a chat's log wait. Call it outside of any transaction. */
export async function waitingRows(
  vault: Vault,
  chatId: string,
  keys: readonly (ArchivedKey & { seq: number })[],
): Promise<VaultWrite[]> {
  const batches = grouped(keys, ({ seq }) => batchOf(seq));
  const rows: VaultWrite[] = [];
  for (const of of batches.values()) {
    const [first] = of;
    const value = of.map(({ senderId, clientId, capsule }) => ({ senderId, clientId, capsule: { ...capsule } }));
    if (first) rows.push(await vault.write(waitingName(chatId, first.seq), value satisfies Packable));
  }
  return rows;
}

/** What the person decided about the chat, as far as this device knows. */
export async function keepsHistory(db: Database, chatId: string): Promise<boolean> {
  return (await db.meta.get(switchName(chatId)))?.value !== false;
}

export class Filing {
  readonly #options: FilingOptions;
  /** When a batch was written by this engine. */
  readonly #written = new Map<string, number>();
  #cancel: (() => void) | null = null;
  /** When the timer is due. */
  #due = Infinity;
  #running = false;
  #again = false;
  #failures = 0;
  #stopped = false;

  constructor(options: FilingOptions) {
    this.#options = options;
  }

  /** There is something to archive. */
  wake(): void {
    const { now, random } = this.#options.runtime;
    const wait = GATHER * (1 + random() / 2);
    // What failed is tried again at its time, and with it what is new. A round that is due sooner is not put off: where
    // people never stop talking it would never come.
    if (this.#failures === 0 && this.#due > now() + wait) this.#cancelTimer();
    this.#later(wait);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  #cancelTimer(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#due = Infinity;
  }

  #later(milliseconds: number): void {
    if (this.#stopped || this.#cancel) return;
    this.#due = this.#options.runtime.now() + milliseconds;
    this.#cancel = this.#options.runtime.after(milliseconds, () => {
      this.#cancel = null;
      this.#due = Infinity;
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#running) return void (this.#again = true);
    this.#running = true;
    try {
      const open = await this.run();
      this.#failures = 0;
      if (open) this.#later(SETTLED);
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.#running = false;
      if (this.#again) this.wake();
      this.#again = false;
    }
  }

  async #failed(error: unknown): Promise<void> {
    if (error instanceof Deposed || isClosed(error) || this.#stopped) return this.stop();
    if (!(error instanceof ApiError)) return reportError(error);
    this.#failures += 1;
    if (error.code === "archive_full") {
      await this.#options.db.meta.put({ key: FULL, value: this.#options.runtime.now() });
      return this.#later(FULL_WAIT);
    }
    this.#later(Math.max(backoff(this.#failures, this.#options.runtime.random()), (error.retryAfter ?? 0) * 1_000));
  }

  /** One round over everything that waits; true when some of it has to be looked at again. Rejects with `ApiError`. */
  async run(): Promise<boolean> {
    const { db, vault } = this.#options;
    const names = await vault.keys(WAITING);
    let open = false;
    for (const [chatId, of] of grouped(names, (name) => waitingFor(name).chatId)) {
      if (!(await this.#wanted(chatId))) await this.#forget(of);
      else
        for (const [batch, rows] of grouped(of, (name) => waitingFor(name).batch))
          open = (await this.#file(chatId, batch, rows)) || open;
    }
    if (names.length > 0) await db.meta.delete(FULL);
    return open;
  }

  /** Whether the person wants a history of the chat; what was decided on another device counts here, too. */
  async #wanted(chatId: string): Promise<boolean> {
    const { db, archive } = this.#options;
    await archive.tags(chatId, { fresh: true });
    const decided = await archive.decision(chatId);
    if (decided !== null) await db.meta.put({ key: switchName(chatId), value: decided });
    return decided ?? keepsHistory(db, chatId);
  }

  /** True: it has to be seen again. */
  async #file(chatId: string, batch: number, names: readonly string[]): Promise<boolean> {
    const { archive, runtime, vault } = this.#options;
    const [waiting, stored] = [await keysOf(vault, names), await archive.read(chatId, batch)];
    const there = new Set(stored.map(({ senderId, clientId }) => messageName(senderId, clientId)));
    const missing = waiting.filter(({ senderId, clientId }) => !there.has(messageName(senderId, clientId)));
    const place = `${chatId}/${batch}`;
    if (missing.length > 0) {
      // More than fit cannot be: a batch has as many places as the log has there. A server that counts otherwise loses.
      if (!(await archive.write(chatId, batch, [...missing, ...stored].slice(0, MAX_KEYS)))) return false;
      this.#written.set(place, runtime.now());
      return true;
    }
    if (runtime.now() - (this.#written.get(place) ?? -Infinity) < SETTLED) return true;
    this.#written.delete(place);
    await this.#forget(names);
    return false;
  }

  async #forget(names: readonly string[]): Promise<void> {
    const { db, term } = this.#options;
    await db.transaction("rw", [db.vault, db.meta], async () => {
      await checkTerm(db, term);
      await commitWrites(db, names.map((key) => ({ key, value: undefined })));
    });
  }
}

function grouped<K, T>(list: readonly T[], by: (each: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const each of list) {
    const group = groups.get(by(each));
    if (group) group.push(each);
    else groups.set(by(each), [each]);
  }
  return groups;
}

async function keysOf(vault: Vault, names: readonly string[]): Promise<ArchivedKey[]> {
  const found = new Map<string, ArchivedKey>();
  for (const name of names) {
    const keys = ((await vault.read(name)) ?? []) as unknown as ArchivedKey[];
    for (const each of keys) found.set(messageName(each.senderId, each.clientId), each);
  }
  return [...found.values()];
}
