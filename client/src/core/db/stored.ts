// Rows as they stand in the database: what people said and named is sealed (`words.ts`), all else is in clear.

import type { ChatRow, DraftRow, MessageRow, OutboxRow, Preview } from "./schema.ts";

/** All of a message but what it says. */
export type MessageFrame = Omit<MessageRow, "body">;

export type StoredMessage = MessageFrame & {
  /** Its body. */
  words: Uint8Array;
};

export type StoredPreview = Omit<Preview, "body"> & {
  /** Those of its message. */
  words: Uint8Array;
};

export type StoredChat = Omit<ChatRow, "name" | "preview"> & {
  /** The name. */
  title: Uint8Array | null;
  preview: StoredPreview | null;
};

export type StoredDraft = Omit<DraftRow, "text"> & { words: Uint8Array };

export type StoredOutbox = OutboxRow & {
  /** `content` and `metadata` of what a plaintext chat sends; they are empty in `sealed` then. */
  words?: Uint8Array;
};
