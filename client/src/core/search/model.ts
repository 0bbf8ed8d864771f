// What is asked of search, and what it answers; plain data, because it travels between threads.

import type { Profile } from "../db/schema.ts";
import type { Live } from "../live.ts";
import type { Filter } from "./segment.ts";
import type { Excerpt } from "./match.ts";

/** Messages with all the words of `text`, in any order and also inside of other words. */
export interface SearchQuery extends Filter {
  text: string;
}

export interface SearchHit {
  /** Of the message. */
  key: string;
  chatId: string;
  order: number;
  senderId: string;
  timestamp: number;
  excerpt: Excerpt;
}

export interface SearchAnswer {
  /** Newest first. */
  hits: SearchHit[];
  /** There are more than `limit`. */
  more: boolean;
}

/** How much of what is on this device can be found. `done` and `total` in messages. */
export interface SearchState {
  /** `stopped`: the person wants no more of it for now. `failed`: it broke, and is begun anew when it is opened again. */
  phase: "opening" | "building" | "stopped" | "ready" | "failed";
  done: number;
  total: number;
}

export interface SearchService {
  /** Begins to search what is on this device; its code is fetched the first time. Rejects with `unauthenticated`. */
  open(): Promise<SearchDesk>;
}

/** Somebody searches. What there is to search is made ready meanwhile, once per device. */
export interface SearchDesk {
  state: Live<SearchState>;
  /** Counts up when another answer may be had. */
  turn: Live<number>;
  /** Messages that say all the words. An empty text with a filter: everything that passes it. Rejects when it broke. */
  find(query: SearchQuery, limit: number): Promise<SearchAnswer>;
  /** People by name, as far as this device knows them, oneself too; an empty query: all of them. */
  people(query: string, limit: number): Promise<Profile[]>;
  /** Makes ready what is not yet, or no more of it for now. */
  build(on: boolean): void;
  /** The person searches no more. */
  close(): void;
}
