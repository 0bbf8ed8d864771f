// People whom one does not want to hear of, as the screens know it.

import type { Blocked } from "./db/blocks.ts";
import type { Live } from "./live.ts";
import type { MessageItem } from "./services.ts";

export type { Blocked } from "./db/blocks.ts";

/** What somebody may be reported for. */
export type Reason = "spam" | "harassment" | "danger" | "other";

export interface Report {
  userId: string;
  /** Where it happened; null: nowhere in particular. */
  chatId: string | null;
  reason: Reason;
  /** In the person's own words, at most MAX_NOTE characters; may be empty. */
  note: string;
  /** What those who run the server are to read, at most MAX_ATTACHED; may be empty. */
  messages: readonly MessageItem[];
}

export interface BlockService {
  /** Whom this person blocks, by id: since when; the newest first. */
  people: Live<Blocked | undefined>;
  /** Blocks somebody, or no more. Counts at once, also without a network; the same on all one's devices. */
  set(userId: string, on: boolean): Promise<void>;
  /** Tells those who run the server. Rejects with `ApiError`. */
  report(report: Report): Promise<void>;
}
