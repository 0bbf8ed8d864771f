// Asks the browser to wake the service worker for what waits (Background Sync), before the person may close the tab.

import type { Database } from "../db/database.ts";
import { isClosed, onWrite } from "../db/live-query.ts";
import { newestWaiting } from "../db/settling.ts";
import type { Live } from "../live.ts";
import type { Runtime } from "../runtime.ts";
import type { Connection } from "../services.ts";

export interface WishOptions {
  db: Database;
  connection: Live<Connection>;
  visible: Live<boolean>;
  runtime: Runtime;
  /** Tells the browser. */
  register: () => Promise<void>;
}

/** Milliseconds that a message may take with a connection before the browser is asked to help. */
const PATIENCE = 2_000;

/** Watches the outbox until the returned function is called. One wish covers everything that waits at that moment. */
export function wishForBackground({ db, connection, visible, runtime, register }: WishOptions): () => void {
  let covered = -Infinity;
  let cancel: (() => void) | null = null;

  const wish = async (again: boolean): Promise<void> => {
    try {
      const newest = await newestWaiting(db);
      if (newest === null || (newest <= covered && !again)) return;
      covered = newest;
      await register();
    } catch (error) {
      // Not allowed by the person, or the database was closed: it is sent when the app is opened the next time.
      if (!isClosed(error)) covered = -Infinity;
    }
  };
  const written = (): void => {
    if (connection.get().state !== "online") return void wish(false);
    cancel ??= runtime.after(PATIENCE, () => {
      cancel = null;
      void wish(false);
    });
  };
  const stops = [
    onWrite(db, db.outbox, written),
    // Whoever puts the app away may not come back to it.
    visible.subscribe(() => void (!visible.get() && wish(true))),
  ];
  return () => {
    for (const stop of stops) stop();
    cancel?.();
  };
}
