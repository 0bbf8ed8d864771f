// Whether the history of a chat is kept for the person's new devices.

import type { Database } from "../../db/database.ts";
import { commitWrites } from "../../db/ingest.ts";
import type { Vault } from "../vault/vault.ts";
import type { Archive } from "./archive.ts";
import { switchName, WAITING } from "./names.ts";

/**
 * Decides it for all devices of the person: the server's copy first, so that what is shown here is so. Not to keep it
 * deletes what was archived and what waits. Rejects with `ApiError`.
 */
export async function setKeepsHistory(db: Database, vault: Vault, archive: Archive, chatId: string, keep: boolean): Promise<void> {
  await archive.decide(chatId, keep);
  const waiting = keep ? [] : await vault.keys(`${WAITING}${chatId}/`);
  await db.transaction("rw", [db.vault, db.meta], async () => {
    await commitWrites(db, waiting.map((key) => ({ key, value: undefined })));
    await db.meta.put({ key: switchName(chatId), value: keep });
  });
}
