// The groups of all encrypted chats on this device, one step at a time for each: loaded from the vault, saved into it.
//
// While a step runs, nothing else touches that chat's group. A step that fails is forgotten: the next one begins with what
// is stored, so memory and storage can never part.

import pLimit, { type LimitFunction } from "p-limit";

import type { Database } from "../../db/database.ts";
import { checkTerm, commitWrites } from "../../db/ingest.ts";
import { EncryptedChat, newRecord, type Self } from "../e2ee/chat.ts";
import type { GroupRecord } from "../e2ee/model.ts";
import type { VaultWrite } from "../interface.ts";
import type { Packable } from "../keys/packed.ts";
import { SealBroken } from "../keys/sealing.ts";
import type { Vault } from "../vault/vault.ts";

const nameOf = (chatId: string): string => `group/${chatId}`;

export interface GroupsOptions {
  db: Database;
  vault: Vault;
  self: Self;
  term: number;
}

export class Groups {
  readonly #options: GroupsOptions;
  readonly #chats = new Map<string, EncryptedChat>();
  readonly #turns = new Map<string, LimitFunction>();
  /** Frozen chats of which the screens know. */
  readonly #told = new Set<string>();

  constructor(options: GroupsOptions) {
    this.#options = options;
  }

  /** Runs a step with the chat's group, alone. */
  step<T>(chatId: string, run: (chat: EncryptedChat) => Promise<T>): Promise<T> {
    const turn = this.#turns.get(chatId) ?? pLimit(1);
    this.#turns.set(chatId, turn);
    return turn(async () => {
      try {
        const chat = await this.#load(chatId);
        const done = await run(chat);
        // What was not stored is not so.
        if (chat.status === "frozen" && this.#chats.get(chatId) === chat) await this.#tell(chatId);
        return done;
      } catch (error) {
        this.#chats.delete(chatId);
        throw error;
      }
    });
  }

  /** The screens cannot look into the vault. A crash in between is made up for by the next step. */
  async #tell(chatId: string): Promise<void> {
    if (this.#told.has(chatId)) return;
    const { db, term } = this.#options;
    const known = await db.transaction("rw", [db.chats, db.meta], async () => {
      await checkTerm(db, term);
      return db.chats.update(chatId, { frozen: true });
    });
    if (known > 0) this.#told.add(chatId);
  }

  /** The next step begins with what is stored. */
  forget(chatId: string): void {
    this.#chats.delete(chatId);
  }

  /** The row of the group as it is now, to be stored together with what belongs to it. */
  row(chat: EncryptedChat): Promise<VaultWrite> {
    return this.#options.vault.write(nameOf(chat.chatId), chat.record() as unknown as Packable);
  }

  /** Keeps the group, and `others` with it. Rejects with `Deposed` when another engine leads. */
  async save(chat: EncryptedChat, others: readonly VaultWrite[] = []): Promise<void> {
    const row = await this.row(chat);
    const { db, term } = this.#options;
    await db.transaction("rw", [db.vault, db.meta], async () => {
      await checkTerm(db, term);
      await commitWrites(db, [row, ...others]);
    });
    chat.saved();
  }

  async #load(chatId: string): Promise<EncryptedChat> {
    const known = this.#chats.get(chatId);
    if (known) return known;
    const chat = new EncryptedChat(this.#options.self, await this.#record(chatId));
    this.#chats.set(chatId, chat);
    return chat;
  }

  /** A record that cannot be read is as good as lost: the device comes in again from outside. */
  async #record(chatId: string): Promise<GroupRecord> {
    try {
      const found = await this.#options.vault.read(nameOf(chatId));
      return found === undefined ? newRecord(chatId) : (found as unknown as GroupRecord);
    } catch (error) {
      if (error instanceof SealBroken) return newRecord(chatId);
      throw error;
    }
  }
}
