// What encrypted chats can refuse, beside the server's codes; fetched with them.

import { ApiError } from "../errors.ts";

export type CryptoCode =
  /** The person's keys are on another device. */
  | "not_linked"
  /** Nobody of the chat's group is there to let this device in. */
  | "waiting_for_member"
  /** Nobody else in the chat has a device that could open the message. */
  | "waiting_for_device"
  /** Somebody goes by other keys than before, and nobody has looked at that yet. */
  | "keys_changed"
  /** The chat's group was changed in a way that must not be followed. */
  | "group_frozen"
  /** The group changes faster than this device can follow. */
  | "group_busy"
  /** The key of a message that waited is gone. */
  | "words_lost";

const SENTENCES: Record<CryptoCode, string> = {
  not_linked: "Your messages are locked with keys that are on your other device. Use that device for now.",
  waiting_for_member: "Waiting for someone in this chat to come online. Then your message is sent by itself.",
  waiting_for_device: "Nobody else in this chat has opened Batiyoun with encryption yet. Your message is sent when they do.",
  keys_changed: "Somebody in this chat has new keys. Make sure that it is them: your message is sent after that.",
  group_frozen: "Somebody changed this chat in a way that is not safe. Nothing is sent here any more: start a new chat.",
  group_busy: "This chat is changing right now. Your message is sent in a moment.",
  words_lost: "This message could not be kept safe until it was sent. Write it again.",
};
/** What may be otherwise the next time. */
const RETRYABLE = new Set<CryptoCode>(["waiting_for_member", "waiting_for_device", "keys_changed", "group_busy"]);

export const refusal = (code: CryptoCode): ApiError =>
  new ApiError({ code, message: SENTENCES[code], retryable: RETRYABLE.has(code) });
