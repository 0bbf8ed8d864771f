// What people say and name, sealed before it is stored and opened after it was read: nothing else of this program puts it
// into the database in clear.
//
// Cryptography takes its time, and a transaction does not wait for anything but the database (it would commit early). So
// words are sealed before a transaction, copied as they are inside, and opened after reading.

import { Dexie } from "dexie";

import { open, seal, SealBroken } from "../crypto/keys/sealing.ts";
import { localKey } from "../crypto/vault/local-key.ts";
import type { Database } from "./database.ts";
import type { Body, ChatRow, DraftRow, MessageRow, OutboxRow, Preview } from "./schema.ts";
import type { MessageFrame, StoredChat, StoredDraft, StoredMessage, StoredOutbox, StoredPreview } from "./stored.ts";

/** Where sealed words belong; they open nowhere else. A preview carries the words of its message. */
type Place = `${"messages" | "chats" | "drafts" | "outbox"}/${string}`;

/** What was changed on this device behind our back, or belongs elsewhere. */
const CHANGED: Body = { t: "sealed", cause: "changed" };
/** Words of what was taken away for everybody: none. */
export const WIPED = new Uint8Array();
const EXPIRED: Body = { t: "expired" };
/** Opened words that are remembered, so that what is on the screen is drawn again at once. */
const REMEMBERED = 3_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const about = (place: Place): string => `batiyoun words 1\n${place}`;
/** A place and which of the values that have stood there: the nonce in front is another one each time. */
const versionOf = (place: Place, words: Uint8Array): string => place + String.fromCharCode(...words.subarray(0, 12));

type Lasting = Pick<MessageRow, "expired" | "expiresAt">;

const isOver = ({ expired, expiresAt = Infinity }: Lasting, now: number): boolean => expired === true || expiresAt <= now;

/** What is kept of a message that has lasted its time: its place, so that what is said of it later is known to be over, too. */
export function overOf({ expiresAt: _expiresAt, ...row }: MessageFrame): StoredMessage {
  return { ...row, expired: true, notify: false, words: WIPED };
}

export class Words {
  readonly #db: Database;
  readonly #opened = new Map<string, unknown>();
  #key: Promise<CryptoKey> | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The key, made the first time. Rejects with `KeyLost`. */
  key(): Promise<CryptoKey> {
    // Not in the moment of the call: a live query that asks first may not write, and the key may have to be made.
    this.#key ??= new Promise<CryptoKey>((resolve, reject) => {
      setTimeout(() => localKey(this.#db).then(resolve, reject));
    }).catch((error: unknown) => {
      this.#key = null;
      throw error;
    });
    return this.#key;
  }

  // ── messages ───────────────────────────────────────────────────────────────────────────────────────────────────────

  sealMessages(rows: readonly MessageRow[]): Promise<StoredMessage[]> {
    const now = this.#db.clock();
    return this.#all(rows, async ({ body, ...row }) =>
      isOver(row, now) ? overOf(row) : { ...row, words: await this.#seal(`messages/${row.key}`, body) },
    );
  }

  openMessages(rows: readonly StoredMessage[]): Promise<MessageRow[]> {
    return this.#all(rows, async (row) => this.#withBody(row));
  }

  /** The message of that key, as far as it is here. */
  async message(key: string): Promise<MessageRow | undefined> {
    const row = await this.#db.messages.get(key);
    return row && this.#withBody(row);
  }

  /** What has lasted its time is opened for nobody, whether or not it was wiped already. */
  async #withBody<T extends { key: string; words: Uint8Array } & Lasting>({ words, ...row }: T): Promise<Omit<T, "words"> & { body: Body }> {
    // A row from before words were sealed has its body (`seal-old.ts`).
    if ("body" in row) return row as Omit<T, "words"> & { body: Body };
    if (isOver(row, this.#db.clock())) return { ...row, body: EXPIRED };
    if (words.length === 0) return { ...row, body: { t: "deleted" } };
    return { ...row, body: (await this.#open<Body>(`messages/${row.key}`, words)) ?? CHANGED };
  }

  // ── chats ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  async sealTitle(chatId: string, name: string | null): Promise<Uint8Array | null> {
    return name === null ? null : this.#seal(`chats/${chatId}`, name);
  }

  openChats(rows: readonly StoredChat[]): Promise<ChatRow[]> {
    return this.#all(rows, async ({ title, preview, ...row }) => ({
      name: title ? ((await this.#open<string>(`chats/${row.id}`, title)) ?? "") : null,
      ...row,
      preview: preview && (await this.#openPreview(preview)),
    }));
  }

  async sealPreview({ body, ...preview }: Preview): Promise<StoredPreview> {
    return { ...preview, words: await this.#seal(`messages/${preview.key}`, body) };
  }

  async #openPreview(preview: StoredPreview): Promise<Preview> {
    return this.#withBody(preview);
  }

  // ── what is being written ──────────────────────────────────────────────────────────────────────────────────────────

  async sealDraft({ text, ...row }: DraftRow): Promise<StoredDraft> {
    // Not remembered: there is one with every key that is pressed.
    return { ...row, words: await this.#sealed(`drafts/${row.chatId}`, text) };
  }

  /** The text; empty for a draft that was changed behind our back. */
  openDrafts(rows: readonly (StoredDraft | undefined)[]): Promise<(string | null)[]> {
    return this.#all(rows, async (row) => {
      if (!row) return null;
      if ("text" in row) return String(row.text);
      return (await this.#open<string>(`drafts/${row.chatId}`, row.words)) ?? "";
    });
  }

  /** What an encrypted chat sends is closed already; a plaintext one's words are closed here. */
  async sealOutbox(row: OutboxRow): Promise<StoredOutbox> {
    const { content, metadata, ...sealed } = row.sealed;
    if (sealed.encrypted) return row;
    const words = await this.#seal(`outbox/${row.clientId}`, { content, metadata });
    return { ...row, sealed: { ...sealed, content: "", metadata: {} }, words };
  }

  /** Null: it was changed behind our back, so it is not what the person wrote. */
  async openOutbox({ words, ...row }: StoredOutbox): Promise<OutboxRow | null> {
    if (!words) return row;
    const hidden = await this.#open<Pick<OutboxRow["sealed"], "content" | "metadata">>(`outbox/${row.clientId}`, words);
    return hidden ? { ...row, sealed: { ...row.sealed, ...hidden } } : null;
  }

  // ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #seal(place: Place, value: unknown): Promise<Uint8Array> {
    const words = await this.#sealed(place, value);
    this.#remember(versionOf(place, words), value);
    return words;
  }

  async #sealed(place: Place, value: unknown): Promise<Uint8Array> {
    return seal(await this.key(), encoder.encode(JSON.stringify(value)), about(place));
  }

  /** Undefined: it does not open. */
  async #open<T>(place: Place, words: Uint8Array): Promise<T | undefined> {
    const version = versionOf(place, words);
    const known = this.#opened.get(version);
    if (known !== undefined) return known as T;
    try {
      const value = JSON.parse(decoder.decode(await open(await this.key(), words, about(place)))) as T;
      this.#remember(version, value);
      return value;
    } catch (error) {
      if (error instanceof SealBroken) return undefined;
      throw error;
    }
  }

  #remember(version: string, value: unknown): void {
    this.#opened.set(version, value);
    if (this.#opened.size <= REMEMBERED) return;
    for (const oldest of this.#opened.keys()) {
      this.#opened.delete(oldest);
      if (this.#opened.size <= REMEMBERED * 0.9) return;
    }
  }

  /** Of all at once. What a live query reads afterwards is followed, too: its promises are Dexie's. */
  #all<T, R>(rows: readonly T[], one: (row: T) => Promise<R>): Promise<R[]> {
    if (Dexie.currentTransaction) throw new TypeError("words are sealed before a transaction, and opened after it");
    return Dexie.Promise.resolve(Promise.all(rows.map(one))) as unknown as Promise<R[]>;
  }
}
