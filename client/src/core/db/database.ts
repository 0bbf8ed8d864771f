// The local database of one person on this device, named by their id.

import { Dexie, type Collection, type DexieOptions, type Table } from "dexie";

import type {
  ChatRow,
  CursorRow,
  DraftRow,
  MemberRow,
  MessageRow,
  OutboxRow,
  ReceiptRow,
  UserRow,
} from "./schema.ts";

/** A value of the crypto's own table, or of `meta`. */
export interface KeyValue {
  key: string;
  value: unknown;
}

const SCHEMA_VERSION = 2;

export class Database extends Dexie {
  declare readonly messages: Table<MessageRow, string>;
  declare readonly outbox: Table<OutboxRow, string>;
  declare readonly cursors: Table<CursorRow, string>;
  declare readonly chats: Table<ChatRow, string>;
  declare readonly members: Table<MemberRow, [string, string]>;
  declare readonly users: Table<UserRow, string>;
  declare readonly drafts: Table<DraftRow, string>;
  declare readonly receipts: Table<ReceiptRow, string>;
  declare readonly vault: Table<KeyValue, string>;
  declare readonly meta: Table<KeyValue, string>;

  constructor(userId: string, options?: DexieOptions) {
    super(databaseName(userId), options);
    this.version(SCHEMA_VERSION).stores({
      messages: "key, [chatId+order], about, pinIn",
      outbox: "clientId, chatId, [chatId+order]",
      cursors: "chatId",
      chats: "id, activeAt",
      members: "[chatId+userId]",
      users: "id",
      drafts: "chatId",
      receipts: "chatId",
      vault: "key",
      meta: "key",
    });
    // Another tab deletes or upgrades it: what Dexie does by itself, without its warning to nobody.
    this.on("versionchange", () => {
      this.close({ disableAutoOpen: false });
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
  messagesIn(chatId: string, from = -Infinity, to = Infinity): Collection<MessageRow, string> {
    return this.messages.where("[chatId+order]").between([chatId, from], [chatId, to], true, true);
  }

  /** The outbox of a chat in the order of writing. */
  outboxOf(chatId: string): Collection<OutboxRow, string> {
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
      for (const prefix of WITH_THE_REST) await db.vault.where("key").startsWith(prefix).delete();
    });
  } finally {
    db.close();
  }
}

export const databaseName = (userId: string): string => `batiyoun-${userId}`;

/** Removes everything that this device keeps of the person. Other tabs close their connection when they are told. */
export const wipe = (userId: string, options?: DexieOptions): Promise<void> =>
  new Dexie(databaseName(userId), options).delete();
