// The rows of the local database: what is true on this device, and what the screens show (design D11).
//
// Times are milliseconds since the epoch. Ids are the server's UUIDs. Nothing here knows Dexie or the screen.

/** Another message of the same chat; the server's ids are not authenticated, so it is named by who said it. */
export interface Ref {
  senderId: string;
  clientId: string;
}

/** Somebody whom a text names: "@" and a name, `length` UTF-16 units of the text from `at` on (`core/talk/marks.ts`). */
export interface Mention {
  id: string;
  at: number;
  length: number;
}

/** A question with its answers. `several`: a person may choose more than one. `lasts` as of texts. */
export interface Poll {
  t: "poll";
  question: string;
  options: string[];
  several?: true;
  lasts?: number;
}

/** What a message says, after opening (`core/crypto`). */
export type Body =
  /** `lasts`: seconds after it was sent until it is gone from every device. */
  | { t: "text"; text: string; mentions?: Mention[]; re?: Ref; forwarded?: true; lasts?: number }
  | Poll
  /** What is said about another message (`core/talk`). An edit or delete counts from the one who wrote that. */
  | { t: "edit"; of: Ref; text: string; mentions?: Mention[] }
  | { t: "delete"; of: Ref }
  | { t: "reaction"; of: Ref; emoji: string; on: boolean }
  | { t: "pin"; of: Ref; on: boolean }
  /** Which answers of a poll, by their places; the last one of a person counts (`core/talk/polls.ts`). */
  | { t: "vote"; of: Ref; choices: number[] }
  /** From then on no vote counts; by who asked. */
  | { t: "close"; of: Ref }
  /** What an encrypted group is called from then on; `again`: for those who have just come (`core/talk/titles.ts`). */
  | { t: "name"; name: string; again?: true }
  /** How many seconds messages last that are written from then on; 0: for good. `again` as of names. */
  | { t: "timer"; lasts: number; again?: true }
  /** How an encrypted group looks from then on: a WebP or JPEG in base64, "" for none. `again` as of names. */
  | { t: "picture"; image: string; again?: true }
  /** Who followed an invitation proves it to who made it, in base64; shown nowhere (`core/crypto/trust/pass.ts`). */
  | { t: "invited"; nonce: string; proof: string }
  /** It was here, and somebody took it away for everybody. */
  | { t: "deleted" }
  /** It has lasted its time: shown nowhere. */
  | { t: "expired" }
  /** The chat's own news: see `SystemEvent`. */
  | { t: "system"; event: SystemEvent }
  /** Written by a newer version: show "message from a newer version", never hide it. */
  | { t: "unknown"; type: string }
  /** Encrypted, and it cannot be opened here: say why, never hide it. */
  | { t: "sealed"; cause: SealedCause };

/**
 * Why a message cannot be opened. `not_joined`: this device was not in the chat's group · `epoch_ahead`, `epoch_gone`,
 * `already_used`: this device's keys do not fit it · `moved`, `changed`: somebody on the way changed it · `unreadable`: it
 * is no message of a group · `own_lost`: written on this device, whose words are gone · `not_linked`: the person's keys
 * are on another device.
 */
export type SealedCause =
  | "not_joined"
  | "epoch_ahead"
  | "epoch_gone"
  | "already_used"
  | "moved"
  | "changed"
  | "unreadable"
  | "own_lost"
  | "not_linked";

/** A change of a group, as it appears among the messages. The actor is the row's `senderId`. */
export type SystemEvent =
  | { what: "added"; userIds: string[] }
  | { what: "removed"; userIds: string[] }
  /** `ownerId`: who owns the group now, when the owner left. */
  | { what: "left"; ownerId: string | null }
  | { what: "role"; userIds: string[]; role: Role }
  | { what: "renamed"; name: string }
  | { what: "timer"; lasts: number }
  | { what: "picture"; image: string }
  /** The message at that place was taken away for everybody, perhaps by an admin. */
  | { what: "redacted"; seq: number }
  /** Not of any log: what this device noticed of somebody's keys. */
  | { what: "keys"; news: "first" | "device" | "changed"; userIds: string[] }
  | { what: "other" };

export type Role = "owner" | "admin" | "member";
export type ChatType = "direct" | "group";
export type Encryption = "mls" | "none";

/** Why something failed, for a person: `message` is a public sentence, `code` is stable. */
export interface Failure {
  code: string;
  message: string;
}

/** One envelope of a chat's log, or one that waits in the outbox. */
export interface MessageRow {
  /** `chatId/senderId/clientId`: the same from the moment of typing to the end, so it is the key of a list, too. */
  key: string;
  chatId: string;
  /**
   * The place in the chat, ascending: `seq` once stored, above `PENDING` while it waits to be sent, and `seq + 0.5` where
   * a message that failed stays among the others. Unique enough for sorting, not an identity.
   */
  order: number;
  /** The place in the server's log, or null before it has one. */
  seq: number | null;
  /** The server's id, or null before it has one. */
  id: string | null;
  senderId: string;
  clientId: string;
  kind: "message" | "commit" | "system";
  body: Body;
  /** False for reactions, edits and the like: they count as no news. */
  notify: boolean;
  /** When the server stored it, or when it was written here. */
  timestamp: number;
  /** Set when sending failed for good: retry, edit or cancel. */
  failure: Failure | null;
  /** The name of the message that this one speaks about (`core/talk/project.ts`); such a row stands nowhere itself. */
  about?: string;
  /** It takes that message away for everybody. */
  wipes?: true;
  /** The chat in which it pins something, or takes a pin away. */
  pinIn?: string;
  /** The chat that it names, pictures, whose timer it sets, or in which it changes who may (`core/talk/titles.ts`). */
  named?: string;
  /** From then on nobody sees it: the server's time of storing it, and what the sender said of how long it lasts. */
  expiresAt?: number;
  /** It has lasted its time, and its words are gone; only its place is kept (`words.ts`). */
  expired?: true;
}

/** `order` of a row that waits is this plus the moment it was written; no log grows this long. */
export const PENDING = 2 ** 51;

/** A message on its way out; deleted in the transaction that gives its `MessageRow` a `seq`. */
export interface OutboxRow {
  clientId: string;
  /** Of its `MessageRow`. */
  key: string;
  chatId: string;
  /** Ascending in the order of sending; that of its `MessageRow` while it waits. */
  order: number;
  /** Made once per clientId and sent unchanged every time (design D5); of an encrypted chat's all but `mls`, which is
   * made when it is sent, and again when the group has changed (`MessageCrypto`). */
  sealed: SealedBody;
  attempts: number;
  /** It has been posted and the answer may have been lost: the server may have it, so it cannot be taken back. */
  posted: boolean;
  /** Not before this moment. */
  nextAt: number;
  /** The code of what it waits for, when it could not be made ready to be posted the last time. */
  held?: string;
  state: "waiting" | "failed";
}

/** What goes over the wire for a message, besides its address. */
export interface SealedBody {
  content: string;
  iv: string | null;
  encrypted: boolean;
  type: string;
  metadata: Record<string, unknown>;
  mls: string | null;
  notify: boolean;
}

/** How much of a chat's log is here: every visible envelope with `from ≤ seq ≤ to`. */
export interface CursorRow {
  chatId: string;
  from: number;
  to: number;
  /** There is nothing older than `from` that this person may see. */
  complete: boolean;
  /** Unread messages below `from`, by the server's count. */
  unreadBelow: number;
}

/** What this person has got and seen but the server has not been told yet. Merged by maximum. */
export interface ReceiptRow {
  chatId: string;
  delivered: number;
  read: number;
}

/** What the chat list shows of the newest message. */
export interface Preview {
  key: string;
  order: number;
  seq: number | null;
  senderId: string;
  body: Body;
  timestamp: number;
  failed: boolean;
  expiresAt?: number;
}

export interface ChatRow {
  id: string;
  type: ChatType;
  encryption: Encryption;
  /** The group's name as the server knows it; null for direct chats and encrypted groups. */
  name: string | null;
  /** The other person of a direct chat; oneself in "Notes to self"; null for groups. */
  partnerId: string | null;
  memberCount: number;
  createdAt: number;
  /** The newest message's time, or `createdAt`: the chat list sorts by it, newest first. */
  activeAt: number;
  preview: Preview | null;
  /** One's own read cursor: everything up to here has been seen, on any device. */
  readSeq: number;
  unread: number;
  /** The place of the newest message that names this person; unread above `readSeq`. */
  mentionedSeq?: number;
  /** "gone": this person is not in it any more; what was said stays readable until forgotten. */
  membership: "member" | "gone";
  /** From before encryption: people go on in an encrypted chat. */
  readOnly?: boolean;
  /** Encrypted, and this device follows its group no longer: nothing can be said here (docs/decisions/0029). */
  frozen?: true;
  /** What the server knows of this person's wishes. `revision`: the larger one is the newer. */
  wants?: Wants & { revision: number };
  /** What was changed here and the server does not know yet; over `wants` (`wantsOf`). */
  asked?: Partial<Wants> | undefined;
  /** In a group so large that receipts come as counts: how many others have it up to `seq`. */
  counts: { delivered: ReceiptCount | null; read: ReceiptCount | null };
}

/** What a person wants of a chat, for themselves. */
export interface Wants {
  /** No sound and no count before this moment. */
  mutedUntil: number | null;
  /** Out of the way while nothing is said after this place, and while it is mute. */
  archivedSeq: number | null;
  /** On top, ascending. */
  pinned: number | null;
}

export interface ReceiptCount {
  seq: number;
  count: number;
}

export interface MemberRow {
  chatId: string;
  userId: string;
  role: Role;
  deliveredSeq: number;
  /** How far this member has read, as far as they tell others. */
  readSeq: number;
}

/** What everybody may know of a person. */
export interface Profile {
  id: string;
  username: string;
  displayName: string;
  /** An address of a picture, or null: draw initials. */
  avatar: string | null;
  /** What the person says of themselves; may be empty and have several lines. */
  bio: string;
  createdAt: number;
}

export interface UserRow extends Profile {
  /** When it was last asked for. */
  fetchedAt: number;
}

export interface DraftRow {
  chatId: string;
  text: string;
  updatedAt: number;
}
