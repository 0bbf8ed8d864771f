// Keeps the top of the list of chats for the next start (`core/first.ts`). Of no use before that, so it is not in the
// first load.

import { seal } from "../crypto/keys/sealing.ts";
import { ABOUT_FIRST, FIRST, type Draw, type KeptFirst } from "../first.ts";
import type { Live } from "../live.ts";
import { readChats } from "../queries/chats.ts";
import type { Runtime } from "../runtime.ts";
import type { ChatItem } from "../services.ts";
import type { Database } from "./database.ts";
import { isClosed } from "./live-query.ts";
import type { StoredChat } from "./stored.ts";

/** Rows: more than a tall screen shows. */
const TOP = 20;
/** Characters of pictures in all: it is written anew with every message. */
const PICTURES = 100_000;
/** Milliseconds after a change of the list: while much comes in, it is written once. */
const REST = 1_000;

/** A row by all of it but the sealed words, which are known by their nonces; `public/first.js` has the same. */
const printOf = (row: StoredChat): string =>
  JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? [...value.subarray(0, 12)] : value));

export interface FirstOptions {
  db: Database;
  me: string;
  list: Live<readonly ChatItem[] | undefined>;
  runtime: Runtime;
  draw: Draw;
}

/** Follows `list`; returns how to stop. */
export function keepFirst({ db, me, list, runtime, draw }: FirstOptions): () => void {
  let waiting: (() => void) | null = null;
  const later = (): void => {
    waiting ??= runtime.after(REST, () => {
      waiting = null;
      void write();
    });
  };
  const write = async (): Promise<void> => {
    const chats = list.get();
    try {
      if (chats) await keep(db, me, chats, runtime.now(), draw);
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  };
  const stop = list.subscribe(later);
  if (list.get()) later();
  return () => {
    stop();
    waiting?.();
  };
}

/** The chats with as many of their pictures as have room. */
export function light<T extends Pick<ChatItem, "picture">>(chats: readonly T[]): T[] {
  let room = PICTURES;
  return chats.map((chat) => (chat.picture && (room -= chat.picture.length) < 0 ? { ...chat, picture: null } : chat));
}

/** What is kept is made anew of the rows as they are now: it must not say more than they do. */
export async function keep(db: Database, me: string, list: readonly ChatItem[], now: number, draw: Draw): Promise<void> {
  const top = list.filter((chat) => !chat.archived).slice(0, TOP);
  const [rows, [newest]] = await Promise.all([
    db.chats.bulkGet(top.map((chat) => chat.id)),
    db.chats.orderBy("activeAt").reverse().limit(1).primaryKeys(),
  ]);
  const there = rows.flatMap((row) => row ?? []);
  if (newest === undefined || there.length === 0) return db.meta.delete(FIRST);
  const ids = there.map((row) => row.id);
  const kept: KeptFirst = {
    prints: there.map(printOf),
    newest,
    chats: light(await readChats(db, me, now, there)),
    picture: await draw(ids),
  };
  const words = await seal(await db.words.key(), new TextEncoder().encode(JSON.stringify(kept)), ABOUT_FIRST);
  await db.transaction("rw", db.chats, db.meta, async () => {
    // What was wiped meanwhile must not come back by this.
    const current = await db.chats.bulkGet(ids);
    if (current.every((row, index) => row && printOf(row) === kept.prints[index]))
      await db.meta.put({ key: FIRST, value: { ids, words } });
  });
}
