// Which state this person's keys are in, as this browser sees it: one row that all tabs read, offline too.

import type { Database } from "../../db/database.ts";

export interface KeysState {
  /**
   * "unknown": the server has not been asked yet. "off": it encrypts nothing. "ready": this browser can read and write.
   * "elsewhere": the keys are on other devices. "replaced": the person started over since, elsewhere.
   */
  state: "unknown" | "off" | "ready" | "elsewhere" | "replaced";
  /** This device, once it is one. */
  deviceId: string | null;
  /** Somebody who is signed in as this person starts over then, in milliseconds since the epoch; null: nobody does. */
  resetAt: number | null;
  /** It is this browser that starts over. */
  resetHere: boolean;
  /** Since when there is a recovery code, in milliseconds since the epoch; null: there is none. */
  recoveryAt: number | null;
  /** Since when a passkey keeps the keys, in milliseconds since the epoch; null: none does. */
  passkeyAt: number | null;
}

export const NO_KEYS: KeysState = { state: "unknown", deviceId: null, resetAt: null, resetHere: false, recoveryAt: null, passkeyAt: null };

const ROW = "keys";

/** A row of an earlier version says nothing of what came since. */
export const readKeysState = async (db: Database): Promise<KeysState> => ({
  ...NO_KEYS,
  ...((await db.meta.get(ROW))?.value as Partial<KeysState> | undefined),
});

export async function writeKeysState(db: Database, state: KeysState): Promise<void> {
  await db.meta.put({ key: ROW, value: state });
}
