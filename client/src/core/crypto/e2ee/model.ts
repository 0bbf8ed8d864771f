// What one device keeps of an encrypted chat, and what it needs of the server.

import type { Capsule } from "../mls/content.ts";

/**
 * `none`: not in the group yet · `joined` · `removed`: somebody took this device out · `lost`: its state does not fit the
 * group any more, and it comes back in from outside · `frozen`: a change that must not be followed.
 */
export type Status = "none" | "joined" | "removed" | "lost" | "frozen";

/** A chat's group on this device. Secret as a whole: it is sealed before it is stored. */
export interface GroupRecord {
  chatId: string;
  status: Status;
  /** `Group.serialized()`; null unless joined. */
  state: Uint8Array | null;
  /** What was said before this epoch was never for this device. */
  joinEpoch: number;
  pending: Pending | null;
  /** When this device renewed its keys last, in milliseconds since the epoch. */
  renewedAt: number;
  /** Why it is lost or frozen, for whoever looks into it. */
  reason: string | null;
}

/** One's own commit, saved before it is sent: after a crash it is sent again, as it is. */
export interface Pending {
  request: CommitRequest;
  /** The group after it. */
  state: Uint8Array;
  /** It brings this device in (a new group, or from outside). */
  entering: boolean;
}

export interface CommitRequest {
  commitId: string;
  /** Null only for a new group. */
  commit: Uint8Array | null;
  groupInfo: Uint8Array;
  welcome: Uint8Array | null;
}

/** The log's view of an envelope, as far as encryption is concerned. */
export interface LogEntry {
  seq: number;
  kind: "message" | "commit" | "system";
  senderId: string;
  senderDeviceId: string | null;
  clientId: string;
  /** MLS bytes; null for what is not encrypted. */
  mls: Uint8Array | null;
  content: string;
  iv: string | null;
}

/** What became of a message. */
export type Reading =
  /** Its words; `capsule` opens it again from an archive. */
  | { kind: "opened"; body: unknown; capsule: Capsule; senderDeviceId: string }
  /**
   * Not for this device, and nothing is missing: said before it came in, or by itself. `came`: whose device came in from
   * outside by it, and so has been told nothing.
   */
  | { kind: "skipped"; came?: string | undefined }
  /** Cannot be opened, and why. It is kept, and tried again when the state was healed. */
  | { kind: "sealed"; cause: Cause };

export type Cause = "not_joined" | "epoch_ahead" | "epoch_gone" | "already_used" | "moved" | "changed" | "unreadable";

/** The chat as the server sees it. */
export interface Roster {
  /** Null: there is no group, or none of its devices is left. */
  epoch: number | null;
  /** How often the group was made; part of its id, so that what is left of an earlier one is told apart. */
  generation: number;
  /** Messages of earlier epochs are refused: somebody was taken out, who could still read them. */
  openFrom: number;
  members: readonly string[];
  /** Devices of members, by the directory. */
  devices: readonly { userId: string; deviceId: string }[];
  /** Where the chat's log ended when the rest was read. */
  headSeq: number;
}

export type Posted =
  | { kind: "accepted"; seq: number; epoch: number }
  /** Somebody else was first; what is new is in the log. */
  | { kind: "stale" }
  /** The server will never take it. */
  | { kind: "refused"; code: string };

/** The server's side of encryption. Everything may reject when the network does; then the outcome is unknown. */
export interface Delivery {
  roster(chatId: string): Promise<Roster>;
  /** Null when there is no group. */
  groupInfo(chatId: string): Promise<{ epoch: number; groupInfo: Uint8Array } | null>;
  /** One key package for each device named; devices without one are left out. */
  claim(chatId: string, devices: readonly { userId: string; deviceId: string }[]): Promise<Uint8Array[]>;
  commit(chatId: string, request: CommitRequest): Promise<Posted>;
}
