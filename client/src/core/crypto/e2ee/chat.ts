// One encrypted chat on one device: `none → joined → (pending commit) → joined | removed | lost → rejoining`.
//
// Nothing here is stored or sent behind the caller's back. Each step returns the record to save; the caller saves it
// together with what it belongs to (rows, cursor, outbox) in one transaction, and only then sends. A record that was not
// saved is simply forgotten, and the step is done again.

import { ContentRefused, decodeCapsule, encodeAddress, encodeCapsule, isAddressedTo, openContent, type Capsule } from "../mls/content.ts";
import { MlsUnreadable } from "../mls/decode.ts";
import { Group } from "../mls/group.ts";
import { GuardRefused, type Leaf } from "../mls/guard.ts";
import { readIdentity } from "../mls/identity.ts";
import { epochOf } from "../mls/inspect.ts";
import type { OwnKeyPackage } from "../mls/key-package.ts";
import { wipe } from "../mls/bytes.ts";
import type { Cause, CommitRequest, GroupRecord, LogEntry, Pending, Reading } from "./model.ts";

/** An own update at least this often, before the next message: heals a device that was read by somebody. */
export const RENEW_AFTER_MS = 7 * 86_400_000;

export function newRecord(chatId: string): GroupRecord {
  return { chatId, status: "none", state: null, joinEpoch: 0, pending: null, renewedAt: 0, reason: null };
}

/** Who this device is. */
export interface Self {
  userId: string;
  deviceId: string;
}

/** A chat in memory. `record()` is what must be saved before anything that follows from it is sent. */
export class EncryptedChat {
  readonly #self: Self;
  #record: GroupRecord;
  #group: Group | null;
  /** Secrets that the saved state does not need any more. */
  #spent: Uint8Array[] = [];
  /** The same of the pending commit: if it loses the race, the state before it needs them to follow the winner. */
  #pledged: Uint8Array[] = [];

  constructor(self: Self, record: GroupRecord) {
    this.#self = self;
    this.#record = record;
    this.#group = record.state === null ? null : Group.restore(record.state);
  }

  get chatId(): string {
    return this.#record.chatId;
  }

  get status(): GroupRecord["status"] {
    return this.#record.status;
  }

  get reason(): string | null {
    return this.#record.reason;
  }

  get epoch(): number | null {
    return this.#group?.epoch ?? null;
  }

  /** What was said before this epoch was never for this device. */
  get joinEpoch(): number {
    return this.#record.joinEpoch;
  }

  get authenticator(): Uint8Array | null {
    return this.#group?.authenticator ?? null;
  }

  get pending(): Pending | null {
    return this.#record.pending;
  }

  /** The id of the group; null when not in it. */
  get groupId(): Uint8Array | null {
    return this.#group?.id ?? null;
  }

  /** The devices in the group, as this device believes. */
  leaves(): Leaf[] {
    return this.#group?.leaves() ?? [];
  }

  /** Nothing stands between this device and a message. */
  get ready(): boolean {
    return this.#record.status === "joined" && this.#record.pending === null;
  }

  /** Whether its keys should be renewed before the next message; never on a timer alone. */
  renewalDue(now: number): boolean {
    return now - this.#record.renewedAt >= RENEW_AFTER_MS;
  }

  /** The record to save. */
  record(): GroupRecord {
    return { ...this.#record, state: this.#group?.serialized() ?? null };
  }

  /** The record was saved: what it replaced can be forgotten for good. */
  saved(): void {
    wipe(this.#spent);
    this.#spent = [];
  }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The next entry of the log, strictly in its order. */
  async read(entry: LogEntry): Promise<Reading> {
    if (entry.kind === "commit") {
      return { kind: "skipped", came: await this.#follow(entry) };
    }
    return entry.kind === "message" ? this.#open(entry) : { kind: "skipped" };
  }

  /** Answers whose device came in from outside by it. */
  async #follow(entry: LogEntry): Promise<string | undefined> {
    const { pending, status } = this.#record;
    if (pending !== null && entry.clientId === pending.request.commitId) {
      this.accepted();
      return undefined;
    }
    const { mls } = entry;
    const epoch = mls === null ? null : read(() => epochOf(mls));
    if (mls === null || epoch === null) return undefined;
    // Somebody else moved the group on from where our own commit begins.
    if (pending !== null && baseOf(pending) === epoch) this.dropPending();
    if (status !== "joined" || this.#group === null || epoch < this.#group.epoch) return undefined;
    if (epoch > this.#group.epoch) {
      this.#lose("a commit of an epoch that is not here yet");
      return undefined;
    }
    try {
      const done = await this.#group.follow(mls);
      this.#spent.push(...done.spent);
      this.#group = done.group;
      if (done.group === null) this.#record = { ...this.#record, status: "removed", reason: null };
      const { committer, external } = done.change;
      return external ? readIdentity(committer.credential)?.userId : undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof GuardRefused)) this.#lose(reason);
      else this.#record = { ...this.#record, status: "frozen", reason };
      return undefined;
    }
  }

  async #open(entry: LogEntry): Promise<Reading> {
    // The library cannot open what this device said itself; the caller has it, by its clientId.
    if (entry.senderDeviceId === this.#self.deviceId) return { kind: "skipped" };
    if (entry.mls === null || entry.iv === null) return { kind: "sealed", cause: "unreadable" };
    const epoch = read(() => epochOf(entry.mls as Uint8Array));
    if (epoch === null) return { kind: "sealed", cause: "unreadable" };
    if (this.#group === null) return { kind: "sealed", cause: "not_joined" };
    if (epoch < this.#record.joinEpoch) return { kind: "skipped" };
    if (epoch > this.#group.epoch) return { kind: "sealed", cause: "epoch_ahead" };
    try {
      return await this.#decrypt(entry, entry.mls, entry.iv);
    } catch (error) {
      return { kind: "sealed", cause: causeOf(error) };
    }
  }

  async #decrypt(entry: LogEntry, mls: Uint8Array, iv: string): Promise<Reading> {
    const done = await (this.#group as Group).decrypt(mls);
    this.#group = done.group;
    this.#spent.push(...done.spent);
    const sender = readIdentity(done.sender.credential);
    const { senderId, clientId } = entry;
    // The envelope is the server's word; the sender and the place inside are the member's.
    if (sender?.userId !== senderId || !isAddressedTo(done.authenticatedData, { chatId: this.chatId, senderId, clientId })) {
      return { kind: "sealed", cause: "moved" };
    }
    const capsule = decodeCapsule(done.data);
    const body = await openContent(entry.content, iv, capsule);
    return { kind: "opened", body, capsule, senderDeviceId: sender.deviceId };
  }

  // ── writing ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The group's envelope around a message key. Save `record()` before it is sent. Throws when not `ready`. */
  async wrap(capsule: Capsule, clientId: string): Promise<Uint8Array> {
    if (!this.ready || this.#group === null) throw new Error("this device cannot write into the chat now");
    const address = { chatId: this.chatId, senderId: this.#self.userId, clientId };
    const done = await this.#group.encrypt(encodeCapsule(capsule), encodeAddress(address));
    this.#group = done.group;
    this.#spent.push(...done.spent);
    return done.message;
  }

  // ── changing the group ─────────────────────────────────────────────────────────────────────────────────────────────

  /** A new group of this device alone. Save, then send `pending`. */
  async create(id: Uint8Array, commitId: string, own: OwnKeyPackage, now: number): Promise<void> {
    const group = await Group.create(id, own);
    this.#propose({ commitId, commit: null, groupInfo: await group.info(), welcome: null }, group, true, now);
  }

  /** Add and remove devices; without any, renew one's own keys. Save, then send `pending`. */
  async change(commitId: string, what: { add?: readonly Uint8Array[]; remove?: readonly number[] }, now: number): Promise<void> {
    if (!this.ready || this.#group === null) throw new Error("this device cannot change the group now");
    const done = await this.#group.commit(what);
    this.#pledged = done.spent;
    const { commit, groupInfo, welcome } = done;
    this.#propose({ commitId, commit, groupInfo, welcome }, done.group, false, now);
  }

  /** Into the group from outside. Save, then send `pending`. */
  async enter(commitId: string, groupInfo: Uint8Array, own: OwnKeyPackage, now: number): Promise<void> {
    const done = await Group.rejoin(groupInfo, own);
    const request = { commitId, commit: done.commit, groupInfo: done.groupInfo, welcome: null };
    this.#propose(request, done.group, true, now);
  }

  /** The group that a Welcome leads into, unless this device is further already. */
  async welcome(welcome: Uint8Array, own: OwnKeyPackage, now: number): Promise<void> {
    // Who changed the group in a way that is not safe could take this device out and let it in again.
    if (this.#record.status === "frozen") return;
    const group = await Group.join(welcome, own);
    if (this.#record.status === "joined" && this.#group !== null && this.#group.epoch >= group.epoch) return;
    this.#joined(group, now);
  }

  /** The server took the pending commit: what it leads to is the truth. */
  accepted(): void {
    const { pending } = this.#record;
    if (pending === null) return;
    const group = Group.restore(pending.state);
    const joinEpoch = pending.entering ? group.epoch : this.#record.joinEpoch;
    this.#group = group;
    this.#record = { ...this.#record, status: "joined", joinEpoch, pending: null, reason: null };
    this.#spent.push(...this.#pledged);
    this.#pledged = [];
  }

  /** The server will not take the pending commit: go on as if it had never been made. */
  dropPending(): void {
    this.#record = { ...this.#record, pending: null };
    this.#pledged = [];
  }

  /** The saved state proved wrong in a way that only the caller can see; the device comes back from outside. */
  giveUp(reason: string): void {
    this.#lose(reason);
  }

  #joined(group: Group, now: number): void {
    this.#group = group;
    this.#record = {
      ...this.#record, status: "joined", joinEpoch: group.epoch, pending: null, renewedAt: now, reason: null,
    };
  }

  #propose(request: CommitRequest, after: Group, entering: boolean, now: number): void {
    this.#record = { ...this.#record, pending: { request, state: after.serialized(), entering }, renewedAt: now };
  }

  #lose(reason: string): void {
    this.#group = null;
    this.dropPending();
    this.#record = { ...this.#record, status: "lost", reason };
  }
}

/** The epoch that a commit of our own moves on from; null for a new group. */
function baseOf({ request }: Pending): number | null {
  return request.commit === null ? null : epochOf(request.commit);
}

function read<T>(what: () => T): T | null {
  try {
    return what();
  } catch (error) {
    if (error instanceof MlsUnreadable) return null;
    throw error;
  }
}

function causeOf(error: unknown): Cause {
  if (error instanceof ContentRefused) return "changed";
  const message = error instanceof Error ? error.message : "";
  if (message.includes("too long ago")) return "epoch_gone";
  if (message.includes("gen in the past")) return "already_used";
  return "unreadable";
}
