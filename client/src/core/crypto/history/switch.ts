// Whether the history of a chat is kept for the person's new devices.

import type { Database } from "../../db/database.ts";
import { commitWrites } from "../../db/ingest.ts";
import { readDevice } from "../devices/own.ts";
import type { CryptoPlace } from "../interface.ts";
import { refusal } from "../refusals.ts";
import { Vault } from "../vault/vault.ts";
import { Archive } from "./archive.ts";
import { WAITING } from "./names.ts";
import { restShelf } from "./shelf.ts";
import { switchName } from "./state.ts";

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

/** The same from any tab. Rejects with `ApiError`, `not_linked` among them. */
export async function decideHistory({ db, rest, runtime }: CryptoPlace, chatId: string, keep: boolean): Promise<void> {
  const vault = await Vault.open(db);
  const device = await readDevice(vault);
  if (!device) throw refusal("not_linked");
  const archive = new Archive(restShelf(rest), async () => device.archiveKey, runtime);
  await setKeepsHistory(db, vault, archive, chatId, keep);
}
