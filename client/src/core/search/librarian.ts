// Keeps what is searched in step with the local database, whoever writes into it: what is new or changed is read again,
// and what no segment has yet is made into segments, a piece at a time, so that questions are answered in between.

import type { Database } from "../db/database.ts";
import { isClosed } from "../db/live-query.ts";
import type { CursorRow } from "../db/schema.ts";
import { segmentsOf, type SegmentRow } from "../db/segments.ts";
import { holesOf, makeSegment, SEGMENT_ROWS, stampOf } from "./build.ts";
import { changedBy, entryOf, wordsOf } from "./entries.ts";
import { plain } from "../talk/marks.ts";
import { excerptOf, hasAll, hasLink, termsOf } from "./match.ts";
import { fold } from "./fold.ts";
import type { SearchAnswer, SearchHit, SearchQuery, SearchState } from "./model.ts";
import { openSegment } from "./segment.ts";
import { byNewest, Shelf } from "./shelf.ts";
import { onTouched, type Touched } from "./touched.ts";

/** Segments that are read at once. */
const PAGE = 50;

export interface LibrarianOptions {
  db: Database;
  /** Something else is to be said of how much can be found. */
  tell: (state: SearchState) => void;
  /** Another answer may be had now. */
  changed: () => void;
  /** Rows in a segment, other than usual (tests). */
  size?: number;
}

export class Librarian {
  readonly #options: LibrarianOptions;
  readonly #shelf = new Shelf();
  readonly #cursors = new Map<string, CursorRow>();
  /** Chats whose messages were written; null: any. */
  #messages: Set<string> | null = null;
  /** Places of segments that were written; null: any. */
  #segments: Map<string, [string, number]> | null = null;
  #total = 0;
  #paused = false;
  #stopped = false;
  /** What is being done; null: there is nothing to do. */
  #work: Promise<void> | null = null;
  /** There may be something to do. */
  #again = false;
  readonly #stop: () => void;

  constructor(options: LibrarianOptions) {
    this.#options = options;
    this.#stop = onTouched(options.db, ["messages", "segments"], (table, keys) => this.#touched(table, keys));
    this.#wake();
  }

  /** Builds no more until `resume`; what is built is found all the same. */
  pause(): void {
    this.#paused = true;
    this.#wake();
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#stop();
  }

  /** Resolves when there is nothing to do for now. Rejects with what stopped the work. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work;
  }

  /** The newest messages that are asked for, as they are now. */
  async find(query: SearchQuery, limit: number): Promise<SearchAnswer> {
    const { text, ...filter } = query;
    const terms = termsOf(text);
    const places = this.#shelf.find(terms, filter, limit + 1);
    const more = places.length > limit;
    const { db } = this.#options;
    const orders = places.slice(0, limit).map(({ chatId, order }): [string, number] => [chatId, order]);
    const rows = orders.length > 0 ? await db.messages.where("[chatId+order]").anyOf(orders).toArray() : [];
    const hits = (await wordsOf(db, rows, false)).flatMap(({ row, text: said }): SearchHit[] => {
      // It may have changed since it was last read for searching.
      if (!hasAll(fold(said), terms) || (filter.link && !hasLink(said))) return [];
      const { key, chatId, order, senderId, timestamp } = row;
      return [{ key, chatId, order, senderId, timestamp, excerpt: excerptOf(plain(said), terms) }];
    });
    return { hits: hits.toSorted((one, other) => byNewest(one, other) || (one.key < other.key ? -1 : 1)).slice(0, limit), more };
  }

  // ── in step ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #touched(table: string, keys: Touched): void {
    if (table === "messages") {
      if (!keys) this.#messages = null;
      else for (const key of keys) this.#messages?.add(String(key).split("/", 1)[0] ?? "");
    } else if (!keys) this.#segments = null;
    else for (const key of keys as [string, number][]) this.#segments?.set(key.join("/"), key);
    this.#wake();
  }

  #wake(): void {
    this.#again = true;
    if (this.#stopped || this.#work) return;
    this.#work = this.#run().finally(() => {
      this.#work = null;
      if (this.#again) this.#wake();
    });
    // Whoever waits for it hears of it (`settled`); everybody else sees that search says nothing.
    this.#work.catch((error: unknown) => {
      this.stop();
      if (!isClosed(error)) reportError(error);
    });
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      const read = await this.#readTouched();
      const built = !this.#paused && (await this.#build());
      this.#again ||= read || built;
      this.#tell(this.#paused ? "stopped" : this.#again ? "building" : "ready");
      if (read || built) this.#options.changed();
    }
  }

  #tell(phase: SearchState["phase"]): void {
    const nothingLeft = phase === "stopped" && this.#nextHole() === null;
    const done = Math.min(this.#shelf.rows, this.#total);
    if (phase === "ready" || nothingLeft) this.#options.tell({ phase: "ready", done: this.#total, total: this.#total });
    else this.#options.tell({ phase, done, total: this.#total });
  }

  get #isTouched(): boolean {
    return this.#messages === null || this.#segments === null || this.#messages.size > 0 || this.#segments.size > 0;
  }

  /** Reads what was written since the last time; false: nothing was. */
  async #readTouched(): Promise<boolean> {
    if (!this.#isTouched) return false;
    const [messages, segments] = [this.#messages, this.#segments];
    this.#messages = new Set();
    this.#segments = new Map();
    let changed = false;
    if (segments === null) {
      await this.#readAllSegments();
      changed = true;
    } else if (segments.size > 0) changed = await this.#readSegments([...segments.values()]);
    if (messages === null) await this.#readAllChats();
    else for (const chatId of messages) await this.#readChat(chatId);
    if (messages === null || messages.size > 0) this.#total = await this.#options.db.messages.count();
    return changed || messages === null || messages.size > 0;
  }

  async #readAllSegments(): Promise<void> {
    const { db } = this.#options;
    const keys = await db.segments.toCollection().primaryKeys();
    const there = new Set(keys.map((key) => key.join("/")));
    for (const chatId of this.#shelf.chatIds)
      for (const { from } of this.#shelf.books(chatId)) if (!there.has(`${chatId}/${from}`)) this.#shelf.remove(chatId, from);
    for (let at = 0; at < keys.length && !this.#stopped; at += PAGE) await this.#readSegments(keys.slice(at, at + PAGE));
  }

  /** False: all of them are known already. */
  async #readSegments(keys: readonly [string, number][]): Promise<boolean> {
    const { db } = this.#options;
    const rows = await db.segments.bulkGet([...keys]);
    let changed = false;
    for (const [index, key] of keys.entries()) {
      const row = rows[index];
      if (!row) {
        changed ||= this.#shelf.book(...key) !== undefined;
        this.#shelf.remove(...key);
      } else if (this.#shelf.book(...key)?.stamp !== stampOf(row.words)) {
        await this.#take(row);
        changed = true;
      }
    }
    return changed;
  }

  async #take(row: SegmentRow): Promise<void> {
    const { db } = this.#options;
    const { chatId, from, to, rows, words } = row;
    const segment = await openSegment(await db.words.key(), row);
    if (segment) return this.#shelf.put({ chatId, from, to, rows, stamp: stampOf(words), segment });
    // Of another version, or spoiled: it is made anew.
    this.#shelf.remove(chatId, from);
    await db.segments.delete([chatId, from]);
  }

  async #readAllChats(): Promise<void> {
    const { db } = this.#options;
    const cursors = await db.cursors.toArray();
    const here = new Set(cursors.map((cursor) => cursor.chatId));
    for (const chatId of new Set([...this.#shelf.chatIds, ...this.#cursors.keys(), ...here])) {
      if (this.#stopped) return;
      await this.#readChat(chatId);
    }
  }

  /** How far the chat's log goes by now, and what is not stored for good. */
  async #readChat(chatId: string): Promise<void> {
    const { db } = this.#options;
    const cursor = await db.cursors.get(chatId);
    if (!cursor) {
      this.#cursors.delete(chatId);
      this.#shelf.drop(chatId);
      return;
    }
    this.#cursors.set(chatId, cursor);
    const waiting = (await db.outboxOf(chatId).toArray()).map((row) => row.key);
    const unsent = (await db.messages.bulkGet(waiting)).flatMap((row) => row ?? []);
    const ahead = await db.messagesIn(chatId, cursor.to + 0.1).toArray();
    const rows = new Map([...unsent, ...ahead].map((row) => [row.key, row]));
    const changed = await changedBy(db, [...rows.values()]);
    for (const target of changed.values()) rows.set(target.key, target);
    const entries = (await wordsOf(db, [...rows.values()], false)).map(entryOf);
    this.#shelf.loose(chatId, entries.toSorted((one, other) => one.order - other.order), new Set(changed.keys()));
  }

  // ── building ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #nextHole(): { chatId: string; from: number; to: number } | null {
    let best: { chatId: string; from: number; to: number } | null = null;
    let fewest = Infinity;
    for (const [chatId, cursor] of this.#cursors) {
      const books = this.#shelf.books(chatId);
      if (books.length >= fewest) continue;
      const [hole] = holesOf(cursor, books);
      if (!hole) continue;
      // The newest of every chat first: that is what people look for.
      fewest = books.length;
      best = { chatId, ...hole };
    }
    return best;
  }

  /** Makes one segment; false: there is nothing to make. */
  async #build(): Promise<boolean> {
    const hole = this.#nextHole();
    if (!hole) return false;
    const { db } = this.#options;
    const { chatId } = hole;
    const books = this.#shelf.books(chatId);
    const made = await makeSegment(db, chatId, hole, books, this.#options.size ?? SEGMENT_ROWS);
    if (!made) {
      // Another tab was faster, or the chat has changed.
      await this.#readChat(chatId);
      const there = await segmentsOf(db, chatId).primaryKeys();
      await this.#readSegments([...there, ...books.map(({ from }): [string, number] => [chatId, from])]);
      return true;
    }
    for (const from of made.gone) this.#shelf.remove(chatId, from);
    for (const book of made.put) this.#shelf.put(book);
    return true;
  }
}

