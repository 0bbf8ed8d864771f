// Tries again what could not be opened: when this device came into a group, and when another one archived the keys.
//
// The envelopes are asked for again, because only their places are kept. Each message is tried again only when there is
// something new to try it with, so however often and in whatever order reasons come, the work has an end.

import type { Envelope } from "../../contracts/index.ts";
import type { Database } from "../../db/database.ts";
import { Deposed } from "../../db/ingest.ts";
import { isClosed } from "../../db/live-query.ts";
import { reopenPiece } from "../../db/reopen.ts";
import type { Body, MessageRow } from "../../db/schema.ts";
import { ApiError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import { rowOf } from "../../sync/rows.ts";
import type { VaultWrite } from "../interface.ts";
import { MAX_KEYS } from "../keys/archive.ts";
import { bodyOf } from "../../talk/bodies.ts";
import { ContentRefused, openContent, type Capsule } from "../mls/content.ts";
import type { Vault } from "../vault/vault.ts";
import { messageName, type Archive } from "./archive.ts";
import { batchOf, closedNames, reopened, seqOf } from "./names.ts";

/** What a group opened after all. */
export interface OpenedLate {
  bodies: ReadonlyMap<number, Body>;
  writes: readonly VaultWrite[];
}

export interface ReopeningOptions {
  db: Database;
  vault: Vault;
  archive: Archive;
  me: string;
  term: number;
  runtime: Runtime;
  /** What is visible of the chat in `after < seq ≤ after + limit`. Rejects with `ApiError`. */
  page: (chatId: string, after: number, limit: number) => Promise<readonly Envelope[]>;
  /** Says what the group knows: another value, and what it could not open it may open now. */
  mark: (chatId: string) => Promise<string>;
  /** Opens what the group can, hands it to `keep`, and goes on from there once that is stored. */
  late: (chatId: string, envelopes: readonly Envelope[], keep: (opened: OpenedLate) => Promise<void>) => Promise<void>;
}

/** In `meta`: what the closed messages of each batch have been tried with. */
const triedName = (chatId: string): string => `reopening/${chatId}`;

/** Milliseconds in which reasons are gathered. */
const GATHER = 300;
/** Milliseconds after which a chat with closed messages is looked at again: another device may be archiving them. */
const LOOKS = [12_000, 60_000, 600_000];

export class Reopening {
  readonly #options: ReopeningOptions;
  readonly #timers = new Map<string, () => void>();
  readonly #looks = new Map<string, number>();
  #chain: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ReopeningOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
  }

  /** Something is new in the chat: look soon. */
  wake(chatId: string): void {
    this.#timers.get(chatId)?.();
    this.#timers.delete(chatId);
    this.#looks.delete(chatId);
    this.#at(chatId, GATHER, false);
  }

  /** A message could not be opened just now: look in a while. */
  closed(chatId: string): void {
    this.#looks.delete(chatId);
    this.#later(chatId);
  }

  #later(chatId: string): void {
    const looks = this.#looks.get(chatId) ?? 0;
    const wait = LOOKS[looks];
    if (wait === undefined || this.#timers.has(chatId)) return;
    this.#looks.set(chatId, looks + 1);
    this.#at(chatId, wait, true);
  }

  /** One chat after the other. */
  #at(chatId: string, wait: number, fresh: boolean): void {
    if (this.#stopped) return;
    const cancel = this.#options.runtime.after(wait, () => {
      this.#timers.delete(chatId);
      this.#chain = this.#chain.then(() => this.#look(chatId, fresh));
    });
    this.#timers.set(chatId, cancel);
  }

  async #look(chatId: string, fresh: boolean): Promise<void> {
    if (this.#stopped) return;
    try {
      if ((await this.run(chatId, fresh)) > 0) this.#later(chatId);
    } catch (error) {
      if (error instanceof Deposed || isClosed(error)) return this.stop();
      if (error instanceof ApiError) this.#later(chatId);
      else reportError(error);
    }
  }

  /** One look at a chat; answers how many messages stay closed. Rejects with `ApiError`. */
  async run(chatId: string, fresh = true): Promise<number> {
    const { archive, db, mark, vault } = this.#options;
    const names = await vault.keys(closedNames(chatId));
    if (names.length === 0) return 0;
    const batches = new Map<number, number[]>();
    for (const seq of names.map(seqOf)) batches.set(batchOf(seq), [...(batches.get(batchOf(seq)) ?? []), seq]);
    const [tags, group] = [await archive.tags(chatId, { fresh }), await mark(chatId)];
    const tried = new Map((await db.meta.get(triedName(chatId)))?.value as Iterable<[number, string]> | undefined);
    let left = names.length;
    // The newest first: they are what somebody looks at.
    for (const [batch, seqs] of [...batches].toSorted(([one], [other]) => other - one)) {
      const by = `${tags.get(batch) ?? ""} ${group}`;
      if (tried.get(batch) === `${by} ${seqs.length}`) continue;
      const done = await this.#reopen(chatId, batch, seqs);
      left -= done;
      tried.set(batch, `${by} ${seqs.length - done}`);
      await db.meta.put({ key: triedName(chatId), value: [...tried] });
    }
    return left;
  }

  async #reopen(chatId: string, batch: number, seqs: readonly number[]): Promise<number> {
    const { archive, late, page } = this.#options;
    const keys = await archive.find(chatId, seqs);
    const wanted = new Set(seqs);
    const envelopes = (await page(chatId, Math.max(0, batch * MAX_KEYS - 1), MAX_KEYS)).filter(
      ({ seq, kind }) => kind === "message" && wanted.has(seq),
    );
    const found = new Map<number, Body>();
    for (const each of envelopes) {
      const body = await openedBy(keys.get(messageName(each.senderId, each.clientId)), each);
      if (body) found.set(each.seq, body);
    }
    const keep = async ({ bodies, writes }: OpenedLate): Promise<void> => {
      for (const [seq, body] of bodies) found.set(seq, body);
      await this.#keep(chatId, envelopes, found, writes);
    };
    await late(chatId, envelopes.filter(({ seq }) => !found.has(seq)), keep);
    return found.size;
  }

  async #keep(
    chatId: string,
    envelopes: readonly Envelope[],
    bodies: ReadonlyMap<number, Body>,
    writes: readonly VaultWrite[],
  ): Promise<void> {
    const { db, me, term } = this.#options;
    const rows = envelopes.flatMap((each): MessageRow[] => {
      const body = bodies.get(each.seq);
      return body ? [rowOf(each, body)] : [];
    });
    const over = rows.map(({ order }) => reopened(chatId, order));
    if (rows.length > 0 || writes.length > 0) await reopenPiece(db, me, term, { chatId, rows, writes: [...writes, ...over] });
  }
}

/** The words of a message by its archived key; null: there is none, or it is not the key of these bytes. */
export async function openedBy(capsule: Capsule | undefined, { content, iv, type }: Envelope): Promise<Body | null> {
  if (!capsule || iv === null) return null;
  try {
    return bodyOf(await openContent(content, iv, capsule), type);
  } catch (error) {
    if (error instanceof ContentRefused) return null;
    throw error;
  }
}
