// The local database of one person on this device, named by their id.

import { Dexie, type Collection, type DexieOptions, type Table } from "dexie";

import { KeyLost } from "../crypto/vault/local-key.ts";
import { FIRST } from "../first.ts";
import type { CursorRow, MemberRow, ReceiptRow, UserRow } from "./schema.ts";
import type { SegmentRow } from "./segments.ts";
import type { StoredChat, StoredDraft, StoredMessage, StoredOutbox } from "./stored.ts";
import { Words } from "./words.ts";

/** A value of the crypto's own table, or of `meta`. */
export interface KeyValue {
  key: string;
  value: unknown;
}

const SCHEMA_VERSION = 5;

export class Database extends Dexie {
  declare readonly messages: Table<StoredMessage, string>;
  declare readonly outbox: Table<StoredOutbox, string>;
  declare readonly cursors: Table<CursorRow, string>;
  declare readonly chats: Table<StoredChat, string>;
  declare readonly members: Table<MemberRow, [string, string]>;
  declare readonly users: Table<UserRow, string>;
  declare readonly drafts: Table<StoredDraft, string>;
  declare readonly receipts: Table<ReceiptRow, string>;
  declare readonly vault: Table<KeyValue, string>;
  declare readonly meta: Table<KeyValue, string>;
  declare readonly segments: Table<SegmentRow, [string, number]>;
  /** Seals what is said before it is stored, and opens it after it was read. */
  readonly words = new Words(this);
  /** The clock by which messages have lasted their time. */
  clock: () => number = Date.now;

  constructor(userId: string, options?: DexieOptions) {
    super(databaseName(userId), options);
    this.version(SCHEMA_VERSION).stores({
      messages: "key, [chatId+order], about, pinIn, named, expiresAt",
      outbox: "clientId, chatId, [chatId+order]",
      cursors: "chatId",
      chats: "id, activeAt",
      members: "[chatId+userId]",
      users: "id",
      drafts: "chatId",
      receipts: "chatId",
      vault: "key",
      meta: "key",
      segments: "[chatId+from]",
    });
    // Another tab deletes or upgrades it: what Dexie does by itself, without its warning to nobody. What was deleted must
    // not come back by somebody looking into it.
    this.on("versionchange", ({ newVersion }) => {
      this.close({ disableAutoOpen: newVersion === null });
      return false;
    });
  }

  /**
   * Whether a newer version of the app has changed this database. Dexie opens it all the same; to write into it with
   * old rules would spoil it.
   */
  async isNewer(): Promise<boolean> {
    await this.open();
    // The browser keeps ten times Dexie's number, and a little more where Dexie repaired something.
    return Math.floor(this.backendDB().version / 10) > SCHEMA_VERSION;
  }

  /** The messages of a chat with `from ≤ order ≤ to`, ascending. */
  messagesIn(chatId: string, from = -Infinity, to = Infinity): Collection<StoredMessage, string> {
    return this.messages.where("[chatId+order]").between([chatId, from], [chatId, to], true, true);
  }

  /** The outbox of a chat in the order of writing. */
  outboxOf(chatId: string): Collection<StoredOutbox, string> {
    return this.outbox.where("[chatId+order]").between([chatId, -Infinity], [chatId, Infinity], true, true);
  }

  membersOf(chatId: string): Promise<MemberRow[]> {
    return this.members.where("[chatId+userId]").between([chatId, Dexie.minKey], [chatId, Dexie.maxKey]).toArray();
  }
}

/** The tables of what nobody could give back. */
const KEPT: ReadonlySet<string> = new Set(["vault", "meta"]);
/** Rows of the vault that mean nothing without the rest: keys of what was not sent, and notes of what could not be read. */
const WITH_THE_REST = ["outgoing/", "closed/"];

/**
 * Removes what comes back from the server, and what was not sent. What makes this browser a device of the person stays:
 * nobody could give it back. Whatever is writing at that moment belongs to a term that is over.
 */
export async function clearKept(userId: string, options?: DexieOptions): Promise<void> {
  const db = new Database(userId, options);
  try {
    await db.transaction("rw", db.tables, async () => {
      const term = (await db.meta.get("term"))?.value;
      await db.meta.put({ key: "term", value: typeof term === "number" ? term + 1 : 1 });
      for (const table of db.tables) if (!KEPT.has(table.name)) await table.clear();
      await db.meta.delete(FIRST);
      for (const prefix of WITH_THE_REST) await db.vault.where("key").startsWith(prefix).delete();
    });
  } finally {
    db.close();
  }
}

export const databaseName = (userId: string): string => `batiyoun-${userId}`;

/** Removes everything that this device keeps of the person. Other tabs close their connection when they are told. */
export async function wipe(userId: string, options?: DexieOptions): Promise<void> {
  const db = new Dexie(databaseName(userId), options);
  // Something still reads, here or in another tab, and then closes: this waits for it, without Dexie's warning to nobody.
  db.on("blocked", () => false);
  await db.delete();
}

/** Whether what this device keeps of the person cannot be opened any more. */
export async function isLost(userId: string, options?: DexieOptions): Promise<boolean> {
  const db = new Database(userId, options);
  try {
    await db.words.key();
    return false;
  } catch (error) {
    if (error instanceof KeyLost) return true;
    throw error;
  } finally {
    db.close();
  }
}
