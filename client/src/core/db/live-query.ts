// Dexie's live queries in the shape of `Live`. They cross tabs and workers by themselves.

import { Dexie, liveQuery, type ObservabilitySet, type Subscription, type Table } from "dexie";

import { KeyLost } from "../crypto/vault/local-key.ts";
import type { Live } from "../live.ts";

/** After so many answers that followed each other within REST, the next comes when REST has passed, in milliseconds. */
const QUICK = 3;
const REST = 100;

/**
 * A value read from the database, `undefined` until the first answer, and read again whenever a row it touched changes.
 * While much is written (a first sync, coming back), it is read at most every REST milliseconds; the last state is always
 * told. The database is read only while somebody listens. A closed database (after signing out) changes nothing.
 */
export function query<T>(read: () => Promise<T>): Live<T | undefined> {
  let value: T | undefined;
  let subscription: Subscription | null = null;
  const listeners = new Set<() => void>();
  let quick = 0;
  let answered = -Infinity;

  /** Stops looking for a moment when answers follow each other closely: to begin again is to read what is true then. */
  const rest = (): void => {
    const now = performance.now();
    quick = now - answered < REST ? quick + 1 : 0;
    answered = now;
    if (quick < QUICK || !subscription) return;
    subscription.unsubscribe();
    const resting = setTimeout(start, REST);
    subscription = { closed: false, unsubscribe: () => clearTimeout(resting) };
  };

  const start = (): void => {
    subscription = liveQuery(read).subscribe({
      next: (answer) => {
        value = answer;
        rest();
        for (const listener of listeners) listener();
      },
      error: (error: unknown) => {
        subscription = null;
        if (!isClosed(error) && !(error instanceof KeyLost)) reportError(error);
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
  error instanceof Dexie.DexieError && CLOSED.has(error.name);

const CLOSED = new Set(["DatabaseClosedError", "AbortError", "InvalidStateError"]);

/** Calls `changed` after every write to the table, by any tab or worker, without reading anything; returns how to stop. */
export function onWrite(db: Dexie, table: Pick<Table, "name">, changed: () => void): () => void {
  const prefix = `idb://${db.name}/${table.name}/`;
  const look = (parts: ObservabilitySet): void => {
    // "all" is what Dexie tells when a database was deleted or made anew.
    if (Object.keys(parts).some((part) => part.startsWith(prefix) || part === "all")) changed();
  };
  Dexie.on.storagemutated.subscribe(look);
  return () => Dexie.on.storagemutated.unsubscribe(look);
}
