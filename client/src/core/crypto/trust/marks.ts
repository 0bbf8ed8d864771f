// What the owner decided about people's keys, carried to all devices of theirs.
//
// Each device has one batch of the archive for it, under the owner's own id instead of a chat's, sealed by the archive key.
// It says everything that the device knows to be decided, so no device has to write what another one wrote, and none is
// needed for long. The newest word counts (`judgeTrust`). The server can withhold a batch or hand out an older one: then a
// device knows less, and takes no key for compared that was not.

import * as v from "valibot";

import type { Database } from "../../db/database.ts";
import { checkTerm, Deposed } from "../../db/ingest.ts";
import { isClosed, query } from "../../db/live-query.ts";
import { ApiError } from "../../errors.ts";
import { backoff, type Runtime } from "../../runtime.ts";
import type { Shelf } from "../history/shelf.ts";
import { pack, unpack, type Packable } from "../keys/packed.ts";
import { keyFrom, open, seal, SealBroken } from "../keys/sealing.ts";
import { equal } from "../mls/bytes.ts";
import type { Vault } from "../vault/vault.ts";
import { claimsIn, takeClaims } from "./claims.ts";
import { noticesOf } from "./notices.ts";
import { TrustStore, versionIn, type Known, type PersonEvent } from "./store.ts";

export interface MarksOptions {
  db: Database;
  vault: Vault;
  shelf: Shelf;
  /** Whose, and which of their devices this is. */
  me: string;
  deviceId: string;
  /** The person's archive key; null while this browser has none. */
  secret: () => Promise<Uint8Array<ArrayBuffer> | null>;
  term: number;
  runtime: Runtime;
}

/** People in one batch, those last decided about: what the server takes is 256 KB, and this is less than 200. */
export const MAX_MARKS = 1_500;
/** Milliseconds in which decisions are gathered. */
const GATHER = 500;

const BATCH = v.array(
  v.object({
    userId: v.string(),
    key: v.pipe(v.instance(Uint8Array), v.check((key) => key.length === 32)),
    verified: v.boolean(),
    at: v.pipe(v.number(), v.minValue(1)),
  }),
);

export class Marks {
  readonly #options: MarksOptions;
  readonly #store: TrustStore;
  /** Tags of the batches that were read. */
  readonly #read = new Map<number, string>();
  /** What this device's batch says; null: not known yet. */
  #said: Uint8Array | null = null;
  #running: Promise<void> | null = null;
  #cancel: (() => void) | null = null;
  #unsubscribe: (() => void) | null = null;
  #failures = 0;
  #stopped = false;

  constructor(options: MarksOptions) {
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

  /** Begins to carry what is decided here, in whatever tab. */
  start(): void {
    const { db } = this.#options;
    const version = query(async () => `${await versionIn(db)} ${await claimsIn(db)}`);
    this.#unsubscribe = version.subscribe(() => this.wake());
    this.wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#unsubscribe?.();
  }

  /** Something was decided, here or on another device. */
  wake(): void {
    if (this.#failures === 0) this.#later(GATHER);
  }

  #later(milliseconds: number): void {
    if (this.#stopped || this.#cancel) return;
    this.#cancel = this.#options.runtime.after(milliseconds, () => {
      this.#cancel = null;
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    try {
      await this.run();
      this.#failures = 0;
    } catch (error) {
      if (error instanceof Deposed || isClosed(error) || this.#stopped) return this.stop();
      if (!(error instanceof ApiError)) return reportError(error);
      this.#failures += 1;
      const wait = backoff(this.#failures, this.#options.runtime.random());
      this.#later(Math.max(wait, (error.retryAfter ?? 0) * 1_000));
    }
  }

  /** Takes what other devices say and says what this one knows. Rejects with `ApiError`. */
  run(): Promise<void> {
    const before = this.#running ?? Promise.resolve();
    const running = before.catch(() => {}).then(() => this.#round());
    this.#running = running;
    return running;
  }

  async #round(): Promise<void> {
    const secret = await this.#options.secret();
    if (secret === null) return;
    const key = await keyFrom(secret);
    await this.#take(key);
    await takeClaims({ ...this.#options, store: this.#store, archiveKey: secret });
    await this.#say(key);
  }

  async #take(key: CryptoKey): Promise<void> {
    const { shelf, me } = this.#options;
    const own = placeOf(this.#options.deviceId);
    for (const { batch, tag } of await shelf.list(me)) {
      if (this.#read.get(batch) === tag || (batch === own && this.#said !== null)) continue;
      const opened = await this.#opened(key, batch);
      if (batch === own) this.#said = opened;
      await this.#store.change(eventsIn(opened, me));
      this.#read.set(batch, tag);
    }
  }

  /** Nothing: somebody changed it, or it is of another version. */
  async #opened(key: CryptoKey, batch: number): Promise<Uint8Array | null> {
    const { shelf, me } = this.#options;
    const sealed = await shelf.get(me, batch);
    try {
      return sealed && (await open(key, sealed, about(me, batch)));
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  }

  async #say(key: CryptoKey): Promise<void> {
    const { shelf, me, deviceId } = this.#options;
    const decided = decidedIn(await this.#store.all());
    if (decided.length === 0) return;
    const words = pack(decided);
    if (this.#said !== null && equal(words, this.#said)) return;
    const place = placeOf(deviceId);
    await shelf.put(me, place, await seal(key, words, about(me, place)));
    this.#said = words;
  }
}

const about = (me: string, batch: number): string => `batiyoun marks 1\n${me}\n${batch}`;

/** The batch of a device: 28 bits of its id, which is random. Two of twenty that meet would write their batch in turns. */
export const placeOf = (deviceId: string): number => Number.parseInt(deviceId.replaceAll("-", "").slice(-7), 16);

function decidedIn(known: Known): Packable[] {
  return [...known]
    .filter(([, { decided }]) => decided > 0)
    .toSorted(([, one], [, other]) => other.decided - one.decided)
    .slice(0, MAX_MARKS)
    .map(([userId, { key, verified, decided }]) => ({ userId, key, verified, at: decided }));
}

function eventsIn(words: Uint8Array | null, me: string): PersonEvent[] {
  if (words === null) return [];
  const found = v.safeParse(BATCH, read(words));
  if (!found.success) return [];
  return found.output
    .filter(({ userId }) => userId !== me)
    .map(({ userId, key, verified, at }) => ({ userId, event: { t: "shared", key, verified, at } }));
}

function read(words: Uint8Array): Packable {
  try {
    return unpack(words);
  } catch {
    // It was sealed by a device of ours, but by which version?
    return null;
  }
}
