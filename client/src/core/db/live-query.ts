// Dexie's live queries in the shape of `Live`. They cross tabs and workers by themselves.

import { Dexie, liveQuery, type Subscription } from "dexie";

import type { Live } from "../live.ts";

/**
 * A value read from the database, `undefined` until the first answer, and read again whenever a row it touched changes.
 * The database is read only while somebody listens. A closed database (after signing out) changes nothing.
 */
export function query<T>(read: () => Promise<T>): Live<T | undefined> {
  let value: T | undefined;
  let subscription: Subscription | null = null;
  const listeners = new Set<() => void>();

  const start = (): void => {
    subscription = liveQuery(read).subscribe({
      next: (answer) => {
        value = answer;
        for (const listener of listeners) listener();
      },
      error: (error: unknown) => {
        subscription = null;
        if (!isClosed(error)) reportError(error);
      },
    });
  };

  return {
    get: () => value,
    subscribe: (changed) => {
      const listener = (): void => changed();
      listeners.add(listener);
      if (!subscription) start();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        subscription?.unsubscribe();
        subscription = null;
      };
    },
  };
}

/** Whether the error only says that the database was closed under the operation. */
export const isClosed = (error: unknown): boolean =>
  error instanceof Dexie.DexieError && (error.name === "DatabaseClosedError" || error.name === "AbortError");
