// What a piece of a chat's log leaves behind in the vault: keys to be archived, and places of what could not be opened.

import type { Envelope } from "../../contracts/index.ts";
import type { SealedCause } from "../../db/schema.ts";
import type { VaultWrite } from "../interface.ts";
import type { ArchivedKey } from "../keys/archive.ts";
import type { Capsule } from "../mls/content.ts";
import type { Vault } from "../vault/vault.ts";
import { waitingRows } from "./filing.ts";
import { closedRows } from "./names.ts";

export class Read {
  readonly #chatId: string;
  readonly #vault: Vault;
  readonly #keep: boolean;
  readonly #keys: (ArchivedKey & { seq: number })[] = [];
  readonly #missed: { seq: number; cause: SealedCause | "skipped" }[] = [];

  /** `keep`: whether the person wants a history of the chat. */
  constructor(chatId: string, vault: Vault, keep: boolean) {
    this.#chatId = chatId;
    this.#vault = vault;
    this.#keep = keep;
  }

  /** Keys that will be archived. */
  get opened(): number {
    return this.#keys.length;
  }

  get closed(): number {
    return this.#missed.length;
  }

  took({ seq, senderId, clientId }: Envelope, capsule: Capsule): void {
    if (this.#keep) this.#keys.push({ seq, senderId, clientId, capsule });
  }

  missed({ seq }: Envelope, cause: SealedCause | "skipped"): void {
    this.#missed.push({ seq, cause });
  }

  async rows(): Promise<VaultWrite[]> {
    return [...(await waitingRows(this.#vault, this.#chatId, this.#keys)), ...closedRows(this.#chatId, this.#missed)];
  }
}
