// Everything that is searched, in memory: segments of what is stored for good, and loose messages beside them. Pure.

import { scan, segmentOf, type Entry, type Filter, type Segment } from "./segment.ts";

/** A segment and which piece of its chat's log it is. */
export interface Book {
  chatId: string;
  from: number;
  to: number;
  /** Rows of the log in it. */
  rows: number;
  /** Tells it from another one of the same place. */
  stamp: string;
  segment: Segment;
}

/** Where a message is that was found. */
export interface Place {
  chatId: string;
  order: number;
  timestamp: number;
}

/** Newest first; the same order everywhere for what was said in the same millisecond. */
export const byNewest = (one: Place, other: Place): number =>
  other.timestamp - one.timestamp || (one.chatId < other.chatId ? -1 : one.chatId > other.chatId ? 1 : other.order - one.order);

interface Chat {
  books: Map<number, Book>;
  /** What is not stored for good yet, and what is to be sent. */
  loose: Segment | null;
  /** Messages of the segments that are shown otherwise for now; by order. */
  hidden: ReadonlySet<number>;
}

export class Shelf {
  readonly #chats = new Map<string, Chat>();
  /** Everything there is to look through, what ends last first; null: to be made again. */
  #sorted: { chatId: string; segment: Segment; hidden: ReadonlySet<number> | null }[] | null = null;

  get chatIds(): string[] {
    return [...this.#chats.keys()];
  }

  /** Rows of logs in all the segments. */
  get rows(): number {
    let rows = 0;
    for (const { books } of this.#chats.values()) for (const book of books.values()) rows += book.rows;
    return rows;
  }

  /** Of one chat, in the order of the log. */
  books(chatId: string): Book[] {
    return [...(this.#chats.get(chatId)?.books.values() ?? [])].toSorted((one, other) => one.from - other.from);
  }

  book(chatId: string, from: number): Book | undefined {
    return this.#chats.get(chatId)?.books.get(from);
  }

  put(book: Book): void {
    this.#chat(book.chatId).books.set(book.from, book);
    this.#sorted = null;
  }

  remove(chatId: string, from: number): void {
    if (this.#chats.get(chatId)?.books.delete(from)) this.#sorted = null;
  }

  /** `entries` stand for themselves and in the place of what is `hidden`. */
  loose(chatId: string, entries: readonly Entry[], hidden: ReadonlySet<number>): void {
    const chat = this.#chat(chatId);
    if (entries.length === 0 && hidden.size === 0 && !chat.loose && chat.hidden.size === 0) return;
    chat.loose = entries.length > 0 ? segmentOf(entries) : null;
    chat.hidden = hidden;
    this.#sorted = null;
  }

  /** The chat is not here any more. */
  drop(chatId: string): void {
    if (this.#chats.delete(chatId)) this.#sorted = null;
  }

  clear(): void {
    this.#chats.clear();
    this.#sorted = null;
  }

  /** At most `limit` messages that have all the terms and pass the filter, newest first. */
  find(terms: readonly string[], filter: Filter, limit: number): Place[] {
    let found: Place[] = [];
    /** The last one that can be among the answers, once there are enough. */
    let floor = -Infinity;
    const cut = (): void => {
      found = found.toSorted(byNewest).slice(0, limit);
      if (found.length === limit) floor = found.at(-1)?.timestamp ?? floor;
    };
    for (const { chatId, segment, hidden } of this.#all()) {
      if (segment.newest < floor) break;
      if (filter.chatId !== undefined && filter.chatId !== chatId) continue;
      scan(segment, terms, filter, (index) => {
        const [order = 0, timestamp = 0] = [segment.orders[index], segment.times[index]];
        if (timestamp >= floor && !hidden?.has(order)) found.push({ chatId, order, timestamp });
      });
      if (found.length >= limit) cut();
    }
    cut();
    return found;
  }

  #chat(chatId: string): Chat {
    let chat = this.#chats.get(chatId);
    if (!chat) this.#chats.set(chatId, (chat = { books: new Map(), loose: null, hidden: new Set() }));
    return chat;
  }

  #all(): readonly { chatId: string; segment: Segment; hidden: ReadonlySet<number> | null }[] {
    if (this.#sorted) return this.#sorted;
    const all: { chatId: string; segment: Segment; hidden: ReadonlySet<number> | null }[] = [];
    for (const [chatId, { books, loose, hidden }] of this.#chats) {
      for (const { segment } of books.values()) all.push({ chatId, segment, hidden: hidden.size > 0 ? hidden : null });
      if (loose) all.push({ chatId, segment: loose, hidden: null });
    }
    return (this.#sorted = all.toSorted((one, other) => other.segment.newest - one.segment.newest));
  }
}
