// The narrow door between message bodies and what travels: everything the rest of core knows of cryptography.
//
// What changes with a message is kept in the same database transaction as the rows, the cursor or the outbox. A crash in
// between can then never leave a ratchet that is ahead of, or behind, what was shown and sent.

import type { Rest } from "../api/http.ts";
import type { Envelope } from "../contracts/index.ts";
import type { Database } from "../db/database.ts";
import type { Body, OutboxRow, SealedBody } from "../db/schema.ts";
import type { Runtime } from "../runtime.ts";
import type { Port } from "./room/wire.ts";

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

/** A body on its way out, under the id that it will have for good. */
export interface Draft {
  clientId: string;
  body: Body;
}

export interface SealedBatch {
  /** One per draft, in order. */
  sealed: SealedBody[];
  writes: VaultWrite[];
}

export interface OpenedBatch {
  /**
   * One per envelope, in order; what cannot be opened is a body that says so, never an exception. Null: nothing to show,
   * as a change of the group, or what was said before this device came in.
   */
  results: (Body | null)[];
  writes: VaultWrite[];
}

/** Everything that is visible in a chat's log after `after`, ascending. */
export interface LogPiece {
  after: number;
  envelopes: readonly Envelope[];
}

export type Keep = (opened: OpenedBatch) => Promise<number | null>;

/** What only the one engine of a browser may do: the state of a group exists once. */
export interface LeadingCrypto {
  /**
   * Makes or finds this device's keys and writes which state they are in. Rejects with `ApiError` when the server is
   * needed and away; to be called again then, and when the keys may be others.
   */
  begin(): Promise<void>;
  /**
   * Opens what follows in the log of a chat, in its order, all kinds. `keep` stores the result together with rows and
   * cursor in one transaction and answers with the cursor as it is then; nothing else touches the chat's group meanwhile.
   * Answers the same. Rejects as `keep` does, and with `ApiError` when the server is needed and away; then nothing has
   * happened. An engine in a thread of its own cannot be handed a function: it does there what `keep` (`sync/keeping.ts`)
   * does here.
   */
  follow(chat: CryptoChat, piece: LogPiece, keep: Keep): Promise<number | null>;
  /** Has the message in the outbox as it can be posted now. Rejects with `ApiError` when that cannot be. */
  prepare(chat: CryptoChat, row: OutboxRow): Promise<void>;
  /**
   * Looks after the groups of these chats: comes in, lets devices in, takes out who is gone. What the server refuses, or
   * cannot do now, is tried again in a while.
   */
  tend(chats: readonly CryptoChat[]): Promise<void>;
  /** Another device of the person decided about somebody's keys, perhaps: finds out in a moment. */
  marks(): Promise<void>;
  /** Others find too few keys to let this device in by: makes new ones. Rejects with `ApiError`. */
  replenish(): Promise<void>;
  /** Another engine takes over, or nobody: what was to be done in a while is not done any more. */
  stop(): void;
}

/** The same for a device that has its keys. */
export type ReadyCrypto = Omit<LeadingCrypto, "begin">;

/** A device that came into a group from outside: whose it is, and where in the log. */
export interface Came {
  userId: string;
  seq: number;
}

export interface LeadOptions {
  /** The term of the engine: whoever writes in another one is refused (`Deposed`). */
  term: number;
  /** The log of this chat reaches this far on the server: read it. */
  behind: (chatId: string, headSeq: number) => void;
  /** This device has let others into the chat's group, or `came` by themselves: they cannot open what was said before. */
  letIn?: (chatId: string, came?: Came) => void;
}

export interface MessageCrypto {
  /** Called outside of any transaction. Rejects only when the chat cannot be written into (`ApiError`). */
  seal(chat: CryptoChat, drafts: readonly Draft[]): Promise<SealedBatch>;
  /** One result per envelope of kind "message", whatever their order, as far as that needs no group. */
  open(chat: CryptoChat, envelopes: readonly Envelope[]): Promise<OpenedBatch>;
  lead(options: LeadOptions): LeadingCrypto;
}

/** Whose crypto it is, and what it stands on. */
export interface CryptoPlace {
  db: Database;
  me: string;
  rest: Rest;
  runtime: Runtime;
  /** Begins a thread for the leading engine; absent: it runs here (tests, and where there is no other thread). */
  thread?: () => Port;
}

export type CryptoFactory = (place: CryptoPlace) => MessageCrypto;
