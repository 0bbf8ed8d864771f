// Search's own thread, from inside: serves one page.

import type { DexieOptions } from "dexie";

import { Wire, type Port } from "../crypto/room/wire.ts";
import { Database } from "../db/database.ts";
import type { Profile } from "../db/schema.ts";
import { Librarian } from "./librarian.ts";
import type { SearchAnswer, SearchQuery, SearchState } from "./model.ts";
import { findPeople } from "./people.ts";

/** What the page hears. */
export type PageSide = {
  state(state: SearchState): void;
  changed(): void;
};

/** What the page asks. */
export type RoomSide = {
  begin(me: string): void;
  find(query: SearchQuery, limit: number): Promise<SearchAnswer>;
  people(query: string, limit: number): Promise<Profile[]>;
  build(on: boolean): void;
};

/** Serves the page at the other end of `port`. `database`: another IndexedDB than the global one (tests). */
export function serveSearch(port: Port, database?: DexieOptions): void {
  let open: { db: Database; librarian: Librarian } | null = null;
  const opened = (): { db: Database; librarian: Librarian } => {
    if (!open) throw new TypeError("nobody has begun");
    return open;
  };
  const room: RoomSide = {
    begin: (me) => {
      const db = new Database(me, database);
      const librarian = new Librarian({ db, tell: (state) => void page.call("state", state), changed: () => void page.call("changed") });
      open = { db, librarian };
    },
    find: (query, limit) => opened().librarian.find(query, limit),
    people: (query, limit) => findPeople(opened().db, query, limit),
    build: (on) => (on ? opened().librarian.resume() : opened().librarian.pause()),
  };
  // Whoever ends the thread ends this.
  const page = new Wire<PageSide>(port, room, () => {});
}
