// Wipes what has lasted its time: at the start, and at the moment when the next message has.

import type { Database } from "../db/database.ts";
import { nextExpiry, wipeExpired } from "../db/expiry.ts";
import { isClosed, query } from "../db/live-query.ts";
import type { Runtime } from "../runtime.ts";

/** Milliseconds after which it is looked at again at the latest: the device may have slept, or its clock been set. */
const LOOK = 600_000;

/** Begins; returns how to stop. Several tabs may do it at once. */
export function keepExpiring(db: Database, me: string, runtime: Runtime): () => void {
  const timer: { cancel?: () => void } = {};
  let stopped = false;

  const look = async (): Promise<void> => {
    timer.cancel?.();
    try {
      await wipeExpired(db, me, runtime.now());
      const at = await nextExpiry(db);
      if (stopped || at === null) return;
      timer.cancel?.();
      timer.cancel = runtime.after(Math.min(LOOK, Math.max(0, at - runtime.now())), () => void look());
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  };

  // Tells when it is known, and then whenever another message is the next.
  const stop = query(() => nextExpiry(db)).subscribe(() => void look());
  return () => {
    stopped = true;
    stop();
    timer.cancel?.();
  };
}
