// Reads the logs of encrypted chats: what a member's device said, as rows, and what has to be kept with them.

import type { Envelope } from "../../contracts/index.ts";
import type { Database } from "../../db/database.ts";
import type { Body } from "../../db/schema.ts";
import type { EncryptedChat, Self } from "../e2ee/chat.ts";
import type { LogEntry, Reading } from "../e2ee/model.ts";
import { keepsHistory } from "../history/filing.ts";
import { Read } from "../history/read.ts";
import { openedBy, type OpenedLate } from "../history/reopening.ts";
import type { Came, CryptoChat, Keep, LogPiece, VaultWrite } from "../interface.ts";
import { fromBase64 } from "../mls/bytes.ts";
import type { Capsule } from "../mls/content.ts";
import type { Vault } from "../vault/vault.ts";
import { bodyOf } from "../../talk/bodies.ts";
import type { Groups } from "./groups.ts";

/** The key of the message that waits in the outbox, in the vault. */
export const capsuleName = (clientId: string): string => `outgoing/${clientId}`;

export interface ReaderOptions {
  db: Database;
  vault: Vault;
  groups: Groups;
  self: Self;
  /** Into the group by a Welcome, if one waits. */
  enterBy: (group: EncryptedChat) => Promise<{ ids: string[]; spent: VaultWrite[] }>;
  forgetWelcomes: (ids: readonly string[]) => Promise<void>;
  /** Keys wait to be archived. */
  archived: () => void;
  /** Something of the chat could not be opened. */
  closed: (chatId: string) => void;
  /** Somebody's device came into the group from outside. */
  came: (chatId: string, came: Came) => void;
}

export class Reader {
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  async follow(chat: CryptoChat, { envelopes }: LogPiece, keep: Keep): Promise<number | null> {
    const { db, vault } = this.#options;
    const read = new Read(chat.id, vault, await keepsHistory(db, chat.id));
    const came = new Map<string, Came>();
    const kept = await this.#options.groups.step(chat.id, async (group) => {
      const results: (Body | null)[] = [];
      const writes: VaultWrite[] = [];
      const used: string[] = [];
      let asked = false;
      for (const envelope of envelopes) {
        // The commit that lets this device in comes with a Welcome, and what follows it can be read only by that.
        if (group.status === "joined") asked = false;
        else if (envelope.kind === "commit" && !asked) {
          const { ids, spent } = await this.#options.enterBy(group);
          writes.push(...spent);
          used.push(...ids);
          asked = true;
        }
        const reading = await group.read(entryOf(envelope));
        if (reading.kind === "skipped" && reading.came) came.set(reading.came, { userId: reading.came, seq: envelope.seq });
        const shown = envelope.kind === "message" ? await this.#shown(envelope, reading, read) : null;
        results.push(shown);
        if (this.#isOwn(envelope)) writes.push({ key: capsuleName(envelope.clientId), value: undefined });
      }
      writes.push(await this.#options.groups.row(group), ...(await read.rows()));
      const cursor = await keep({ results, writes });
      // The piece did not fit: what was read of it is not stored, and must not be known either.
      if (cursor === envelopes.at(-1)?.seq) {
        group.saved();
        await this.#options.forgetWelcomes(used);
      } else this.#options.groups.forget(chat.id);
      return cursor;
    });
    if (kept === envelopes.at(-1)?.seq) for (const each of came.values()) this.#options.came(chat.id, each);
    if (read.opened > 0) this.#options.archived();
    if (read.closed > 0) this.#options.closed(chat.id);
    return kept;
  }

  async #shown(envelope: Envelope, reading: Reading, read: Read): Promise<Body | null> {
    if (this.#isOwn(envelope)) return this.#ownWords(envelope, read);
    if (reading.kind === "opened") {
      read.took(envelope, reading.capsule);
      return bodyOf(reading.body, envelope.type);
    }
    // What was taken back has no words any more.
    if (envelope.type !== "redacted") read.missed(envelope, reading.kind === "sealed" ? reading.cause : "skipped");
    return reading.kind === "sealed" ? { t: "sealed", cause: reading.cause } : null;
  }

  #isOwn({ kind, senderDeviceId }: Envelope): boolean {
    return kind === "message" && senderDeviceId === this.#options.self.deviceId;
  }

  /** The library cannot open what this device said itself; the words, or at least their key, are here. */
  async #ownWords(envelope: Envelope, read: Read): Promise<Body> {
    const { chatId, senderId, clientId } = envelope;
    const { db, vault } = this.#options;
    const capsule = (await vault.read(capsuleName(clientId))) as unknown as Capsule | undefined;
    if (capsule) read.took(envelope, capsule);
    const row = await db.words.message(`${chatId}/${senderId}/${clientId}`);
    const here = row?.body.t === "sealed" ? undefined : row?.body;
    const words = here ?? (await openedBy(capsule, envelope));
    if (words) return words;
    read.missed(envelope, "own_lost");
    return { t: "sealed", cause: "own_lost" };
  }

  /** Messages that could not be opened when they came: the group may be another one by now. */
  openLate(chatId: string, envelopes: readonly Envelope[], keep: (opened: OpenedLate) => Promise<void>): Promise<void> {
    const { db, vault } = this.#options;
    return this.#options.groups.step(chatId, async (group) => {
      const read = new Read(chatId, vault, await keepsHistory(db, chatId));
      const bodies = new Map<number, Body>();
      for (const envelope of group.status === "joined" ? envelopes : []) {
        if (this.#isOwn(envelope)) continue;
        const reading = await group.read(entryOf(envelope));
        if (reading.kind !== "opened") continue;
        read.took(envelope, reading.capsule);
        bodies.set(envelope.seq, bodyOf(reading.body, envelope.type));
      }
      const writes = bodies.size > 0 ? [await this.#options.groups.row(group), ...(await read.rows())] : [];
      await keep({ bodies, writes });
      group.saved();
      if (read.opened > 0) this.#options.archived();
    });
  }
}

function entryOf(envelope: Envelope): LogEntry {
  const { seq, kind, senderId, senderDeviceId, clientId, content, iv } = envelope;
  return { seq, kind, senderId, senderDeviceId, clientId, content, iv, mls: bytesOf(envelope.mls) };
}

/** What is no base64 is no MLS either. */
function bytesOf(mls: string | null): Uint8Array | null {
  try {
    return mls === null ? null : fromBase64(mls);
  } catch {
    return new Uint8Array();
  }
}
