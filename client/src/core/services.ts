// Everything the screens may ask of core, in one place. `app/services.ts` builds it with `createServices()`; the screens
// get it through one React context and depend on these types only.
//
// Three habits:
// - What is shown is a `Live<T>`: `useSyncExternalStore(live.subscribe, live.get)`. A query's value is `undefined` until
//   the database has answered the first time; make the `Live` once per argument (`useMemo`).
// - What is done returns a promise. It rejects with `ApiError` (`code`, `message` for the person, `fields` for forms).
//   Sending never rejects for lack of a network: the message waits in the outbox and its row shows its state.
// - While nobody is signed in, queries answer `undefined` and actions reject with code `unauthenticated`.

import type { ChatRow, Failure, MemberRow, Mention, MessageRow, Profile, Role } from "./db/schema.ts";
import type { Rest } from "./api/http.ts";
import type { BlockService } from "./blocks.ts";
import type { KeyDesk } from "./crypto/devices/desk.ts";
import type { KeysState } from "./crypto/devices/state.ts";
import type { Live } from "./live.ts";
import type { LocalDesk } from "./local/model.ts";
import type { Tally } from "./talk/polls.ts";
import type { SearchService } from "./search/model.ts";
import type { TrustService } from "./trust.ts";

export type { Rest } from "./api/http.ts";
export type { Live } from "./live.ts";
export type { Blocked, BlockService, Reason, Report } from "./blocks.ts";
export type { Tally } from "./talk/polls.ts";
export type { KeysState } from "./crypto/devices/state.ts";
export type * from "./db/schema.ts";

export interface Services {
  session: SessionService;
  connection: Live<Connection>;
  chats: ChatService;
  messages: MessageService;
  people: PeopleService;
  blocks: BlockService;
  presence: PresenceService;
  drafts: DraftService;
  storage: Live<StorageInfo>;
  keys: KeysService;
  stepUp: StepUpService;
  invitations: InvitationService;
  trust: TrustService;
  history: HistoryService;
  search: SearchService;
  /** What this browser keeps, by chat; its code is fetched the first time. */
  local: { open(): Promise<LocalDesk> };
  /** What the pages of accounts call by themselves: `core/identity` is built on it and fetched with those pages. */
  rest: Rest;
  /** Closes the connection and the database. For tests and for `import.meta.hot`. */
  close(): Promise<void>;
}

// ── session ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export type Session =
  /** Looking at what this browser remembers; a few milliseconds. */
  | { state: "starting" }
  /** `reason`: what ended the last session, to be told on the sign-in screen. */
  | { state: "signedOut"; reason: "none" | "signedOut" | "revoked" | "deleted" }
  /** `expired`: the server wants a new sign-in; what is here stays readable and messages wait (show a banner). */
  | { state: "signedIn"; me: Me; expired: boolean };

/** One's own profile. */
export interface Me extends Profile {
  email: string;
  verified: boolean;
}

export interface SessionService {
  status: Live<Session>;
  /** Signs in, or up, by what `ask` does on the server. Rejects as `ask` does, and then nothing changed. */
  enter(ask: () => Promise<Me>): Promise<void>;
  /** Takes over one's own profile as `ask` changed it. */
  change(ask: () => Promise<Me>): Promise<void>;
  /** Deletes the account by what `ask` does, then wipes what this browser keeps of it. */
  deleteAccount(ask: () => Promise<unknown>): Promise<void>;
  /**
   * Ends the session here and on the server and wipes what this browser keeps of it. Rejects with `offline` when the
   * server cannot be told, and then nothing is wiped. `force` wipes all the same.
   */
  signOut(options?: { force?: boolean }): Promise<void>;
  /** How many messages would be lost by signing out, or by clearing, now. */
  unsent(): Promise<number>;
  /** Removes the chats that this browser keeps and fetches them anew; what is unsent, and drafts, are lost. Keys stay. */
  clear(): Promise<void>;
  /** The person knows of `StorageInfo.recovered`. */
  recoverySeen(): Promise<void>;
  /** Rejects with `invalid_input` (see `fields`). */
  updateProfile(change: { displayName?: string; bio?: string }): Promise<void>;
}

/** How a person may prove once more who they are. */
export type ProofMethod = "password" | "totp" | "passkey" | "code";

/**
 * What the server does only for somebody who proved lately who they are waits here until they did, or did not. One
 * window asks for all that wait.
 */
export interface StepUpService {
  /** The ways that the waiting request may be proved by; null: nothing waits. */
  wanted: Live<readonly ProofMethod[] | null>;
  /** The person proved it (true), or changed their mind. */
  answer(proved: boolean): void;
}

/** The keys of this person's encrypted chats. */
export interface KeysService {
  /** Which state they are in, as this browser sees it. */
  state: Live<KeysState>;
  /** What can be done about them; its code is fetched the first time. Rejects with `unauthenticated`. */
  desk(): Promise<KeyDesk>;
}

/** What a new device of the person will be able to read of encrypted chats. */
export interface HistoryService {
  /** `full`: the server has no room for more. */
  state(chatId: string): Live<{ keep: boolean; full: boolean } | undefined>;
  /** Decides it for all devices; not to keep it deletes what is kept. Rejects with `ApiError`. */
  keep(chatId: string, keep: boolean): Promise<void>;
}

export interface InvitationService {
  /** The chat with whoever invited; the keys that the link names behind "#" are theirs from the beginning. */
  open(inviterId: string, fragment: string | null): Promise<string>;
}

// ── whose keys these are ────────────────────────────────────────────────────────────────────────────────────────────

export type { Comparison } from "./crypto/keys/safety.ts";
export type { PersonTrust } from "./crypto/trust/model.ts";

export type { SafetyNumber, Trusted, TrustService } from "./trust.ts";

// ── connection ──────────────────────────────────────────────────────────────────────────────────────────────────────

export type Connection =
  /** Nobody is signed in, or the session is over (see `Session.expired`). */
  | { state: "idle" }
  /** The first attempt since the start. */
  | { state: "connecting" }
  /** `syncing`: connected, and still fetching what happened in between. */
  | { state: "online"; syncing: boolean }
  /** The browser says that there is no network. */
  | { state: "offline" }
  /** The network is there, the server did not answer. `nextAttemptAt` is in milliseconds since the epoch. */
  | { state: "reconnecting"; nextAttemptAt: number }
  /** This client is too old for the server: offer a reload. */
  | { state: "outdated" };

// ── chats ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A chat in the list. */
export interface ChatItem extends ChatRow {
  /** The group's name, wherever it comes from; null for direct chats, and for a group that nobody has named yet. */
  name: string | null;
  /** The address of the group's picture, for an `<img>`; null: it has none. */
  picture: string | null;
  /** Some of the others in a group without a name, by their names. */
  some: string[];
  /** The other person of a direct chat (oneself for "Notes to self"), once known. */
  partner: Profile | null;
  /** Who wrote the preview, once known; for groups. */
  previewSender: Profile | null;
  /** The preview is of somebody whom one blocks, in a group: not to be shown. */
  hushed: boolean;
  /** How far one's own newest message has come; null when the newest message is somebody else's. */
  previewState: SendState | null;
  draft: string | null;
  /** Its news make no sound and are not counted until then, but for what names this person (`FOREVER` of limits.ts); null: they are. */
  mutedUntil: number | null;
  /** Out of the way, at the end of the list. */
  archived: boolean;
  /** Its place on top; null: not on top. */
  pinned: number | null;
}

/** What a person does with a chat for themselves; the same on all their devices. */
export type Wish =
  /** `until`: milliseconds since the epoch; null: not any more. */
  | { do: "mute"; until: number | null }
  /** Until something is said; as long as it is mute also after that. */
  | { do: "archive"; on: boolean }
  | { do: "pin"; on: boolean }
  /** Among the pinned. */
  | { do: "move"; by: -1 | 1 };

/** A member with their profile, once known. */
export interface MemberItem extends MemberRow {
  profile: Profile | null;
}

/** A chat with everybody in it. */
export interface ChatDetail extends ChatItem {
  /** Owners first, then admins, then by name. */
  members: MemberItem[];
  myRole: Role;
  /** How many seconds messages last that are written now; 0: for good. */
  lasts: number;
  /** The chat that has taken this one's place, and this person is in it; null: there is none. */
  goesOn: string | null;
}

export interface ChatService {
  /** All chats: the pinned, then the newest activity first, then the archived. */
  list(): Live<ChatItem[] | undefined>;
  /** One chat; null when it is not here. */
  detail(chatId: string): Live<ChatDetail | null | undefined>;
  /** The direct chat with that person, made when it does not exist. Returns its id. */
  createDirect(userId: string): Promise<string>;
  /**
   * The encrypted chat that takes the place of one from before encryption, or of a frozen one: the same people in it, a
   * group under the same name; made when it does not exist. Returns its id. Rejects with `successor_missing` when an admin
   * of the group has to begin it.
   */
  continueSealed(chatId: string): Promise<string>;
  /** Returns the new chat's id. A picture is said in it, as `setPicture` does, where the group is encrypted. */
  createGroup(name: string, userIds: string[], picture?: Blob): Promise<string>;
  rename(chatId: string, name: string): Promise<void>;
  /** Messages that are written from now on last so many seconds, 0 for good. Said in the chat; works without a network. */
  setTimer(chatId: string, lasts: number): Promise<void>;
  /**
   * Gives an encrypted group a picture (WebP or JPEG of at most 20 KiB), null: none. Said in the chat; works without a
   * network. Rejects with `too_long`.
   */
  setPicture(chatId: string, picture: Blob | null): Promise<void>;
  addMembers(chatId: string, userIds: string[]): Promise<void>;
  removeMember(chatId: string, userId: string): Promise<void>;
  setRole(chatId: string, userId: string, role: Role): Promise<void>;
  /** Leaves the group and removes it from this browser. */
  leave(chatId: string): Promise<void>;
  /** Removes a chat that this person is no longer in. */
  forget(chatId: string): Promise<void>;
  /** Counts at once, also without a network. Rejects with `pins_full` when five others are on top. */
  wish(chatId: string, wish: Wish): Promise<void>;
  /** Says that the chat is on the screen; call the returned function when it is not any more. */
  open(chatId: string): () => void;
  /** The person has seen everything up to `seq`. Cheap; call it as often as the screen moves. */
  markRead(chatId: string, seq: number): void;
  /** The person is typing. Cheap; call it on every key. */
  typing(chatId: string): void;
}

// ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Of one's own messages: how far it has come. "delivered" and "read" mean by everybody else in the chat. */
export type SendState = "queued" | "sent" | "delivered" | "read" | "failed";

/** The message that another one answers. */
export interface Quote {
  key: string;
  senderId: string;
  /** The beginning of its plain words; null when it is not here, or has none. */
  excerpt: string | null;
  /** It was deleted for everybody. */
  gone: boolean;
}

/** A message as it is after everything that was said about it. */
export interface MessageItem extends MessageRow {
  mine: boolean;
  edited: boolean;
  deleted: boolean;
  pinned: boolean;
  forwarded: boolean;
  reactions: { emoji: string; userIds: string[] }[];
  /** How a poll stands; null for everything else. */
  tally: Tally | null;
  replyTo: Quote | null;
  /** null unless `mine` and `kind` is "message". */
  state: SendState | null;
}

/** A piece of a chat, ascending by `order`. */
export interface MessageWindow {
  items: MessageItem[];
  /** Here, on this device, there is more before `items`. */
  olderHere: boolean;
  /** On the server there is more before what is here: `loadOlder`. */
  olderThere: boolean;
  /** There is more after `items` on this device: the window is not at the end of the chat. */
  newerHere: boolean;
}

/** Which piece: the newest `limit`, or `before` and `after` this many around the row with that `order`. At most 600. */
export type WindowQuery =
  | { at: "end"; limit: number }
  | { at: "anchor"; order: number; before: number; after: number };

export interface MessageService {
  /** A live piece of a chat. */
  window(chatId: string, query: WindowQuery): Live<MessageWindow | undefined>;
  /** Fetches up to `limit` (50) older messages into the database; false when there are none. One at a time per chat. */
  loadOlder(chatId: string, limit?: number): Promise<boolean>;
  /**
   * Puts the message in the outbox; resolves with its `key` when it is stored on this device. `mentions`: places in the
   * text without the blanks around it.
   */
  send(chatId: string, text: string, replyTo?: string, mentions?: readonly Mention[]): Promise<string>;
  /** Sends a failed message again. */
  retry(key: string): Promise<void>;
  /** Takes back a message that waits or failed. False: it was too late, the server may have it. */
  cancel(key: string): Promise<boolean>;
  /**
   * Changes the text of one's own message: of one that waits or failed before it is sent, of any other one for everybody.
   * False: it is not one's own, not here, or was just about to leave.
   */
  edit(key: string, text: string, mentions?: readonly Mention[]): Promise<boolean>;
  /** Takes one's own message away for everybody; false as `edit`. */
  deleteForAll(key: string): Promise<boolean>;
  /** Takes anybody's message away, as an admin. Needs the server. Rejects with `forbidden`. */
  moderate(key: string): Promise<void>;
  /** Adds a reaction, or takes it back. */
  react(key: string, emoji: string, on: boolean): Promise<void>;
  pin(key: string, on: boolean): Promise<void>;
  /** Asks people: puts a poll in the outbox as `send` does. Rejects with `empty` for one that is not whole. */
  ask(chatId: string, poll: { question: string; options: string[]; several: boolean }): Promise<string>;
  /** Chooses these answers of a poll, instead of what one chose before; none: takes one's vote back. */
  vote(key: string, choices: number[]): Promise<void>;
  /** Ends one's own poll: no vote counts after that. */
  closePoll(key: string): Promise<void>;
  /** Says the same text again in these chats. */
  forward(key: string, chatIds: readonly string[]): Promise<void>;
  /** The pinned messages that are here, the newest pin first. */
  pinned(chatId: string): Live<MessageItem[] | undefined>;
  /** The `order` of a message to open a window around; fetches older ones until it is here. null: it is not to be had. */
  locate(key: string): Promise<number | null>;
}

export { MAX_TEXT } from "./limits.ts";

// ── search ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export type { SearchAnswer, SearchDesk, SearchHit, SearchQuery, SearchService, SearchState } from "./search/model.ts";

// ── people, presence, drafts, storage ───────────────────────────────────────────────────────────────────────────────

export interface PeopleService {
  /** People whose username or display name begins with `query`; from the server, `signal` stops it. */
  search(query: string, signal?: AbortSignal): Promise<Profile[]>;
  /** A person; fetched when not here. null: there is no such person. */
  profile(userId: string): Live<Profile | null | undefined>;
}

export interface Presence {
  online: boolean;
  /** When the person was last online; null when unknown or hidden. */
  lastSeen: number | null;
}

export interface PresenceService {
  /** By user id; people who are not in it are not known to be online. */
  people: Live<ReadonlyMap<string, Presence>>;
  /** By chat id: who is typing there now, the longest typing first; never oneself. */
  typing: Live<ReadonlyMap<string, readonly string[]>>;
}

export interface DraftService {
  get(chatId: string): Promise<string>;
  /** The person is writing this: it can be kept at once when the page is closed now. */
  prepare(chatId: string, text: string): void;
  /** Empty text removes the draft. */
  set(chatId: string, text: string): Promise<void>;
}

export interface StorageInfo {
  /** "mls": every chat that is here is end-to-end encrypted. "plaintext": the server can read some, or all. */
  mode: "plaintext" | "mls";
  /** Whether the browser promised not to clear the data by itself; null: not asked yet. */
  persisted: boolean | null;
  /** Whether this browser sends what waits with no tab open, too. */
  background: boolean;
  /** The browser had thrown away what was kept here: unsent messages and drafts are lost. */
  recovered: boolean;
}

export type { Failure };
