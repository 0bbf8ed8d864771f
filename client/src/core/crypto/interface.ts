// The narrow door between message bodies and what travels: everything the rest of core knows of cryptography.
//
// It is batched, because opening a page of a chat is one job, and it returns what it wants kept instead of keeping it:
// the caller commits `writes` in the same database transaction as the rows, the cursor or the outbox. A crash in between
// can then never leave a ratchet that is ahead of, or behind, what was shown and sent.

import type { Envelope } from "../contracts/index.ts";
import type { Body, SealedBody } from "../db/schema.ts";

/** What the crypto needs to know of the chat. */
export interface CryptoChat {
  id: string;
  encryption: "mls" | "none";
}

/** A row of the crypto's own table, to be put (or deleted when `value` is undefined). */
export interface VaultWrite {
  key: string;
  value: unknown;
}

export interface SealedBatch {
  /** One per body, in order. */
  sealed: SealedBody[];
  writes: VaultWrite[];
}

export interface OpenedBatch {
  /** One per envelope, in order; what cannot be opened is a body that says so, never an exception. */
  results: Body[];
  writes: VaultWrite[];
}

export interface MessageCrypto {
  /** What the chats of this implementation are; "plaintext" is said in the UI. */
  readonly mode: "plaintext" | "mls";
  /** Called outside of any transaction. Rejects only when the chat cannot be written into (`ApiError`). */
  seal(chat: CryptoChat, bodies: readonly Body[]): Promise<SealedBatch>;
  /** `envelopes` are of kind "message", ascending by seq. Called outside of any transaction. */
  open(chat: CryptoChat, envelopes: readonly Envelope[]): Promise<OpenedBatch>;
}
