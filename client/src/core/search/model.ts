// What is asked of search, and what it answers; plain data, because it travels between threads.

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
