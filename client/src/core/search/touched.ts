// Which rows of the local database were written, by any tab or worker.

import { cmp, Dexie, RangeSet, type IntervalTree, type ObservabilitySet } from "dexie";

import type { Database } from "../db/database.ts";

/** Primary keys of a table; null: any. */
export type Touched = readonly unknown[] | null;

/** Calls `changed` after every write to these tables; returns how to stop. */
export function onTouched(db: Database, tables: readonly string[], changed: (table: string, keys: Touched) => void): () => void {
  const look = (parts: ObservabilitySet): void => {
    for (const table of tables) {
      // "all" is what Dexie tells when a database was deleted or made anew.
      const part = parts[`idb://${db.name}/${table}/`];
      if ("all" in parts) changed(table, null);
      else if (part) changed(table, keysOf(part));
    }
  };
  Dexie.on.storagemutated.subscribe(look);
  return () => Dexie.on.storagemutated.unsubscribe(look);
}

function keysOf(part: IntervalTree): Touched {
  const keys: unknown[] = [];
  // Another tab tells it as plain data.
  for (const { from, to } of RangeSet(part)) {
    if (cmp(from, to) !== 0) return null;
    keys.push(from);
  }
  return keys;
}
