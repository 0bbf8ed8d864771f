// What a service worker leaves to the next tab: to tell those whom it has let into a group what that is called, and how
// long messages last.

import type { Came } from "../crypto/interface.ts";
import type { Database } from "../db/database.ts";

const OWED = "owed-settings/";

/** Remembers that they have to be told. */
export async function oweSettings(db: Database, chatId: string, came?: Came): Promise<void> {
  await db.meta.put({ key: OWED + chatId, value: came ?? null });
}

/** Has everything told that is owed. What fails is owed still. */
export async function payOwed(db: Database, tell: (chatId: string, came?: Came) => Promise<void>): Promise<void> {
  for (const { key, value } of await db.meta.where("key").startsWith(OWED).toArray()) {
    await tell(key.slice(OWED.length), (value as Came | null) ?? undefined);
    await db.meta.delete(key);
  }
}
