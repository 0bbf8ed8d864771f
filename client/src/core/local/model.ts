// What this browser keeps, by chat.

import type { ExportProgress, Sink } from "../export/run.ts";
import type { ExportTail, ExportWriter } from "../export/model.ts";

/** How much room a chat takes on this device. */
export interface ChatSize {
  chatId: string;
  /** Messages, as far as they are here. */
  messages: number;
  /** About so many bytes: sealed words, what is in clear beside them, and what search keeps. */
  bytes: number;
  /** Messages that are not sent, or could not be. */
  unsent: number;
  draft: boolean;
}

/** What becomes of a chat's messages when they are cleared from this device. */
export interface Fate {
  /** Where they come back from. */
  from: "server" | "archive" | "nowhere";
  /** Messages that would not come back. */
  lost: number;
  /** Messages that would be cleared. */
  cleared: number;
  /** What stays. */
  unsent: number;
  draft: boolean;
}

export interface Step {
  done: number;
  total: number;
}

/** Looks after what this browser keeps, and through it. Everything rejects with `ApiError`, `cancelled` after its signal. */
export interface LocalDesk {
  /** Measures all chats, one after the other, and tells what it knows so far. */
  measure(tell: (sizes: readonly ChatSize[], step: Step) => void, signal: AbortSignal): Promise<void>;
  /** What clearing the chat would mean; asks the server where only that knows. */
  fate(chatId: string, step: (step: Step) => void, signal: AbortSignal): Promise<Fate>;
  /** Clears the chat; answers how many messages are gone from here. */
  clear(chatId: string, signal: AbortSignal): Promise<number>;
  /** The key of the chat's first message since `at`, else of its newest; fetches what is not here. Null: it has none. */
  day(chatId: string, at: number, fetching: () => void, signal: AbortSignal): Promise<string | null>;
  /** Writes the chat into `sink`, fetching first what is not here, unless `onlyHere`. */
  export(chatId: string, options: ExportWish): Promise<ExportTail>;
}

export interface ExportWish {
  writer: ExportWriter;
  sink: Sink;
  onlyHere: boolean;
  name: string;
  signal: AbortSignal;
  progress: (progress: ExportProgress) => void;
}
