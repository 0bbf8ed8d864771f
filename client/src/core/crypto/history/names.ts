// What the history of encrypted chats is called in the vault, in `meta`, and among the server's batches.

import type { SealedCause } from "../../db/schema.ts";
import type { VaultWrite } from "../interface.ts";
import { MAX_KEYS } from "../keys/archive.ts";

/**
 * The batch that a message's key is archived in, by its place in the log: the same on every device of a person, so that
 * what one of them archived the others need not, and a batch is never more than full.
 */
export const batchOf = (seq: number): number => Math.floor(seq / MAX_KEYS);

/** The batch that says whether the person keeps a history of the chat; no log grows that long. */
export const MARKER = 2_147_483_647;

const PLACES = 16;
const place = (seq: number): string => String(seq).padStart(PLACES, "0");

/** Keys that wait to be archived: one row for each piece of the log and batch. */
export const WAITING = "unfiled/";
export const waitingName = (chatId: string, seq: number): string => `${WAITING}${chatId}/${batchOf(seq)}/${place(seq)}`;

/** What chat and batch a waiting row is of. */
export function waitingFor(name: string): { chatId: string; batch: number } {
  const [, chatId = "", batch = ""] = name.split("/");
  return { chatId, batch: Number(batch) };
}

/** Messages of a chat that are here, and could not be opened: one row for each. */
export const closedNames = (chatId: string): string => `closed/${chatId}/`;
/** The row of the message at that place. */
export const closedName = (chatId: string, seq: number): string => closedNames(chatId) + place(seq);
export const seqOf = (name: string): number => Number(name.slice(-PLACES));

/** Nothing that comes later opens these: they are not what the sender wrote. */
const FINAL = new Set<SealedCause | "skipped">(["moved", "changed"]);

/** Remembers that a message could not be opened, to try again when something has changed. */
export function closedRows(chatId: string, messages: readonly { seq: number; cause: SealedCause | "skipped" }[]): VaultWrite[] {
  return messages
    .filter(({ cause }) => !FINAL.has(cause))
    .map(({ seq, cause }) => ({ key: closedName(chatId, seq), value: cause }));
}

export const reopened = (chatId: string, seq: number): VaultWrite => ({ key: closedName(chatId, seq), value: undefined });
