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
  | "words_lost"
  /** What was typed is no code of a new device. */
  | "not_a_link_code"
  /** No device shows that code, or not any more. */
  | "link_unknown"
  /** Something on the way between two devices was changed. */
  | "link_broken"
  /** Nobody answered in time. */
  | "link_over"
  /** That code opens nothing. */
  | "wrong_recovery_code"
  /** That passkey opens nothing. */
  | "wrong_passkey"
  /** The passkey, or the browser, cannot keep a key. */
  | "passkey_cannot";

const SENTENCES: Record<CryptoCode, string> = {
  not_linked: "Your messages are locked with keys that are on your other device. Use that device for now.",
  waiting_for_member: "Waiting for someone in this chat to come online. Then your message is sent by itself.",
  waiting_for_device: "Nobody else in this chat has opened Batiyoun with encryption yet. Your message is sent when they do.",
  keys_changed: "Somebody in this chat has new keys. Make sure that it is them: your message is sent after that.",
  group_frozen: "Somebody changed this chat in a way that is not safe. Nothing is sent here any more: start a new chat.",
  group_busy: "This chat is changing right now. Your message is sent in a moment.",
  words_lost: "This message could not be kept safe until it was sent. Write it again.",
  not_a_link_code: "This is not the code of a new device. It has twenty letters and digits: check them one by one.",
  link_unknown: "No device of yours shows this code. Codes are good for ten minutes: show a new one, and sign in with the same account.",
  link_broken: "Something was changed on the way between your devices, so nothing was handed over. Begin again with a new code.",
  link_over: "Nobody used the code in time. Show a new one.",
  wrong_recovery_code: "This code does not open your messages. Check every letter, and that it is your newest code.",
  wrong_passkey: "This passkey does not open your messages. Use the one that you saved your key with, or choose another way.",
  passkey_cannot: "This passkey cannot open your messages in this browser. Choose another way.",
};
/** What may be otherwise the next time. */
const RETRYABLE = new Set<CryptoCode>(["waiting_for_member", "waiting_for_device", "keys_changed", "group_busy"]);

export const refusal = (code: CryptoCode): ApiError =>
  new ApiError({ code, message: SENTENCES[code], retryable: RETRYABLE.has(code) });
