// The archive as this person's devices see it: opened batches, by chat and place in the log.
//
// What is in a batch was put there by a device of this very person, after it had opened the message and seen by whom it
// was: the archive says which sender, which message and which bytes, and the server can change none of it. Its word are
// the place in the log and the time, as always, and whether there is an archive at all: it can withhold.

import type { Runtime } from "../../runtime.ts";
import { openBatch, sealBatch, type ArchivedKey } from "../keys/archive.ts";
import { pack, unpack } from "../keys/packed.ts";
import { keyFrom, open, seal, SealBroken } from "../keys/sealing.ts";
import type { Capsule } from "../mls/content.ts";
import { batchOf, MARKER } from "./names.ts";
import type { Listed, Shelf } from "./shelf.ts";

/** Batches in memory; the oldest one gives way. */
const REMEMBERED = 64;
/** Milliseconds for which a list is taken to be true while somebody scrolls. */
const LASTING = 60_000;

export const messageName = (senderId: string, clientId: string): string => `${senderId}/${clientId}`;

interface Opened {
  tag: string;
  keys: readonly ArchivedKey[];
}

export class Archive {
  readonly #shelf: Shelf;
  readonly #secret: () => Promise<Uint8Array<ArrayBuffer> | null>;
  readonly #runtime: Runtime;
  readonly #lists = new Map<string, { at: number; batches: ReadonlyMap<number, string> }>();
  readonly #opened = new Map<string, Opened>();

  /** `secret`: the person's archive key; null while this browser has none. */
  constructor(shelf: Shelf, secret: () => Promise<Uint8Array<ArrayBuffer> | null>, runtime: Runtime) {
    this.#shelf = shelf;
    this.#secret = secret;
    this.#runtime = runtime;
  }

  async #key(): Promise<CryptoKey | null> {
    const secret = await this.#secret();
    return secret && keyFrom(secret);
  }

  /** The tags of a chat's batches as of now, or lately. Rejects with `ApiError`. */
  async tags(chatId: string, { fresh }: { fresh: boolean }): Promise<ReadonlyMap<number, string>> {
    const known = this.#lists.get(chatId);
    if (known && !fresh && this.#runtime.now() - known.at < LASTING) return known.batches;
    const listed: Listed[] = await this.#shelf.list(chatId);
    const batches = new Map(listed.map(({ batch, tag }) => [batch, tag]));
    this.#lists.set(chatId, { at: this.#runtime.now(), batches });
    return batches;
  }

  /** What a batch holds, as the last list of `tags` has it; nothing when it is damaged. Rejects with `ApiError`. */
  async read(chatId: string, batch: number): Promise<readonly ArchivedKey[]> {
    const [key, tags] = [await this.#key(), await this.tags(chatId, { fresh: false })];
    const tag = tags.get(batch);
    if (key === null || tag === undefined) return [];
    const name = `${chatId}/${batch}`;
    const known = this.#opened.get(name);
    if (known?.tag === tag) return known.keys;
    const sealed = await this.#shelf.get(chatId, batch);
    const keys = sealed === null ? [] : await openedBatch(key, chatId, batch, sealed);
    this.#remember(name, { tag, keys });
    return keys;
  }

  #remember(name: string, opened: Opened): void {
    this.#opened.delete(name);
    this.#opened.set(name, opened);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size > REMEMBERED && oldest !== undefined) this.#opened.delete(oldest);
  }

  /** The keys of messages at these places, by `messageName`. Rejects with `ApiError`. */
  async find(chatId: string, seqs: readonly number[]): Promise<ReadonlyMap<string, Capsule>> {
    const found = new Map<string, Capsule>();
    for (const batch of new Set(seqs.map(batchOf))) {
      for (const { senderId, clientId, capsule } of await this.read(chatId, batch)) {
        found.set(messageName(senderId, clientId), capsule);
      }
    }
    return found;
  }

  /** Puts a batch in its place. Rejects with `ApiError`; false while there is no key. */
  async write(chatId: string, batch: number, keys: readonly ArchivedKey[]): Promise<boolean> {
    const key = await this.#key();
    if (key === null) return false;
    await this.#shelf.put(chatId, batch, await sealBatch(key, chatId, batch, keys));
    return true;
  }

  // ── whether a history is kept ─────────────────────────────────────────────────────────────────────────────────────

  /** What the person decided about this chat, on whatever device; null: nothing yet. Rejects with `ApiError`. */
  async decision(chatId: string): Promise<boolean | null> {
    const [key, tags] = [await this.#key(), await this.tags(chatId, { fresh: false })];
    if (key === null || !tags.has(MARKER)) return null;
    const sealed = await this.#shelf.get(chatId, MARKER);
    try {
      const value = sealed && unpack(await open(key, sealed, aboutMarker(chatId)));
      return value !== null && typeof value === "object" && "keep" in value ? value["keep"] === true : null;
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  }

  /** Not to keep one deletes what is there. Rejects with `ApiError`. */
  async decide(chatId: string, keep: boolean): Promise<void> {
    const key = await this.#key();
    if (key === null) throw new Error("a history without keys");
    if (!keep) await this.#shelf.drop(chatId);
    await this.#shelf.put(chatId, MARKER, await seal(key, pack({ keep }), aboutMarker(chatId)));
    this.#lists.delete(chatId);
    for (const name of this.#opened.keys()) if (name.startsWith(`${chatId}/`)) this.#opened.delete(name);
  }
}

const aboutMarker = (chatId: string): string => `batiyoun archive 1\n${chatId}\nkeep`;

/** A batch that cannot be opened holds nothing: somebody changed it, and it is written anew. */
async function openedBatch(key: CryptoKey, chatId: string, batch: number, sealed: Uint8Array): Promise<ArchivedKey[]> {
  try {
    return await openBatch(key, chatId, batch, sealed);
  } catch (error) {
    if (error instanceof SealBroken) return [];
    throw error;
  }
}
