// What can be asked for from a message, and is done elsewhere in the conversation.

import type { MessageItem } from "@/core/services.ts";

export interface Asks {
  myId: string;
  /** Whether one may write here: answer, react, change. */
  writes: boolean;
  /** Whether one may take away what others said. */
  moderates: boolean;
  edit: (message: MessageItem) => void;
  reply: (message: MessageItem) => void;
  forward: (message: MessageItem) => void;
  remove: (message: MessageItem) => void;
  /** Any emoji at all. */
  react: (message: MessageItem) => void;
  /** Several of them, beginning with this one. */
  select: (message: MessageItem) => void;
  /** Who chose what in a poll. */
  voters: (message: MessageItem) => void;
  /** Ends one's own poll. */
  end: (message: MessageItem) => void;
  /** Tells the people who run the server of these messages by one person. */
  report: (messages: readonly MessageItem[]) => void;
  /** Whether what that person says here is folded away. */
  hushes: (userId: string) => boolean;
  /** Shows the message with that key. */
  jump: (key: string) => void;
  /** Asks for a day to go to, beginning with that of this moment. */
  day: (at: number) => void;
}

/** Offered at once, without looking for them. */
export const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as const;

/** Whether the message is stored, and still says something. */
export const isStanding = (message: MessageItem): boolean =>
  message.kind === "message" && message.seq !== null && !message.deleted && message.about === undefined;
