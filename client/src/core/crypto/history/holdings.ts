// Which messages of an encrypted chat can be opened again after they were taken off this device: those whose keys are in
// the archive, or on their way there.

import type { Database } from "../../db/database.ts";
import type { StoredMessage } from "../../db/stored.ts";
import { readDevice } from "../devices/own.ts";
import type { CryptoPlace } from "../interface.ts";
import type { ArchivedKey } from "../keys/archive.ts";
import { Vault } from "../vault/vault.ts";
import { Archive, messageName } from "./archive.ts";
import { keepsHistory } from "./filing.ts";
import { batchOf, closedNames, seqOf, WAITING } from "./names.ts";
import { restShelf } from "./shelf.ts";
import { FULL } from "./state.ts";

export interface Holdings {
  /** Whether the message would come back as it is here now. Rejects with `ApiError`. */
  holds(row: Pick<StoredMessage, "senderId" | "clientId" | "seq">): Promise<boolean>;
}

/** What is kept of a chat elsewhere. Null: nothing, by the person's own decision or for lack of keys. Rejects with `ApiError`. */
export async function holdingsOf({ db, rest, runtime }: CryptoPlace, chatId: string): Promise<Holdings | null> {
  const vault = await Vault.open(db);
  const device = await readDevice(vault);
  if (!device) return null;
  const archive = new Archive(restShelf(rest), async () => device.archiveKey, runtime);
  await archive.tags(chatId, { fresh: true });
  if (!((await archive.decision(chatId)) ?? (await keepsHistory(db, chatId)))) return null;
  return holdings(db, vault, archive, chatId);
}

/** The same over an archive that is known to be kept. */
export async function holdings(db: Database, vault: Vault, archive: Archive, chatId: string): Promise<Holdings> {
  const closed = new Set((await vault.keys(closedNames(chatId))).map(seqOf));
  const waiting = new Set<string>();
  // Without room for more, nobody knows when they will be there.
  if ((await db.meta.get(FULL)) === undefined)
    for (const name of await vault.keys(`${WAITING}${chatId}/`))
      for (const key of ((await vault.read(name)) ?? []) as unknown as ArchivedKey[]) waiting.add(messageName(key.senderId, key.clientId));
  const batches = new Map<number, ReadonlySet<string>>();
  const batch = async (number: number): Promise<ReadonlySet<string>> => {
    const known = batches.get(number);
    if (known) return known;
    const keys = new Set((await archive.read(chatId, number)).map((key) => messageName(key.senderId, key.clientId)));
    // Messages are asked for in their order: an earlier batch is not needed again.
    batches.clear();
    batches.set(number, keys);
    return keys;
  };
  return {
    async holds({ senderId, clientId, seq }) {
      if (seq === null) return false;
      const name = messageName(senderId, clientId);
      // What is closed here has nothing to lose.
      return closed.has(seq) || waiting.has(name) || (await batch(batchOf(seq))).has(name);
    },
  };
}

