// People by name, as far as this device knows them.

import type { Database } from "../db/database.ts";
import type { Profile } from "../db/schema.ts";
import { fold } from "./fold.ts";

const wordsOf = (text: string): string[] => fold(text).split(/[\s@._-]+/u).filter(Boolean);

/** Whether every word of the query begins a word of one of the names. */
export function isCalled(query: string, ...names: readonly (string | null | undefined)[]): boolean {
  const words = names.flatMap((name) => (name ? wordsOf(name) : []));
  const wanted = wordsOf(query);
  return wanted.length > 0 && wanted.every((part) => words.some((word) => word.startsWith(part)));
}

/** At most `limit`, by name; an empty query: everybody. */
export async function findPeople(db: Database, query: string, limit: number): Promise<Profile[]> {
  const found = await db.users.filter(({ displayName, username }) => query === "" || isCalled(query, displayName, username)).toArray();
  return found.toSorted((one, other) => one.displayName.localeCompare(other.displayName)).slice(0, limit);
}
