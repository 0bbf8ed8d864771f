// A delivery service in memory: compare-and-set on the epoch, one log, idempotent by id. As the real one, it reads no keys.

import type { Shelf } from "../../history/shelf.ts";
import { devicesIn, epochOf } from "../../mls/inspect.ts";
import type { CommitRequest, LogEntry, Posted, Roster } from "../model.ts";

/** Epochs back from the newest in which a message may still be written. */
const WINDOW = 3;

export interface Message {
  senderId: string;
  senderDeviceId: string;
  clientId: string;
  content: string;
  iv: string;
  mls: Uint8Array;
}

export class TestServer {
  readonly log: LogEntry[] = [];
  readonly members = new Set<string>();
  readonly devices = new Map<string, { userId: string; deviceId: string }>();
  /** What the directory says of people's identity keys, where a test has it say something. */
  readonly identities = new Map<string, Uint8Array>();
  readonly packages = new Map<string, Uint8Array[]>();
  readonly welcomes: { welcome: Uint8Array; seq: number }[] = [];
  epoch: number | null = null;
  generation = 0;
  /** Where the newest group begins in the log. */
  begins = 0;
  /** What people keep sealed: by person, and then by chat and number. */
  readonly #archives = new Map<string, Map<string, { sealed: Uint8Array; tag: string }>>();
  #writes = 0;
  #groupInfo: Uint8Array | null = null;
  /** Messages of earlier epochs were written for somebody who is gone. */
  #since = 0;

  register(userId: string, deviceId: string): void {
    this.devices.set(deviceId, { userId, deviceId });
    this.packages.set(deviceId, this.packages.get(deviceId) ?? []);
  }

  revoke(deviceId: string): void {
    this.devices.delete(deviceId);
  }

  roster(): Roster {
    const devices = [...this.devices.values()].filter((device) => this.members.has(device.userId));
    this.#bury(devices);
    const { epoch, generation, log } = this;
    return { epoch, generation, openFrom: this.#since, members: [...this.members], devices, headSeq: log.length };
  }

  /** A group that none of the members' devices is in cannot be saved: it may be made anew. */
  #bury(devices: Roster["devices"]): void {
    if (this.epoch === null || this.#groupInfo === null) return;
    const inside = new Set(devicesIn(this.#groupInfo).map((device) => device.deviceId));
    if (devices.some((device) => inside.has(device.deviceId))) return;
    this.epoch = null;
    this.#groupInfo = null;
    this.#since = 0;
  }

  /** A group of one device may be replaced by that device: it lost its state, and nobody else has any. */
  #isAlone(deviceId: string): boolean {
    return this.#groupInfo !== null && devicesIn(this.#groupInfo).every((device) => device.deviceId === deviceId);
  }

  groupInfo(): { epoch: number; groupInfo: Uint8Array } | null {
    return this.epoch === null || this.#groupInfo === null ? null : { epoch: this.epoch, groupInfo: this.#groupInfo };
  }

  /** A person's archive. `between` happens before and after each answer. */
  shelf(userId: string, between: () => void = () => {}): Shelf {
    const all = this.#archives.get(userId) ?? new Map<string, { sealed: Uint8Array; tag: string }>();
    this.#archives.set(userId, all);
    const answer = async <T>(run: () => T): Promise<T> => {
      between();
      const value = run();
      between();
      return value;
    };
    return {
      list: (chatId) =>
        answer(() =>
          [...all]
            .filter(([name]) => name.startsWith(`${chatId}/`))
            .map(([name, { tag }]) => ({ batch: Number(name.slice(chatId.length + 1)), tag })),
        ),
      get: (chatId, batch) => answer(() => all.get(`${chatId}/${batch}`)?.sealed ?? null),
      put: (chatId, batch, sealed) =>
        answer(() => void all.set(`${chatId}/${batch}`, { sealed, tag: String((this.#writes += 1)) })),
      drop: (chatId) =>
        answer(() => {
          for (const name of all.keys()) if (name.startsWith(`${chatId}/`)) all.delete(name);
        }),
    };
  }

  claim(devices: readonly { deviceId: string }[]): Uint8Array[] {
    const found: Uint8Array[] = [];
    for (const { deviceId } of devices) {
      const left = this.packages.get(deviceId);
      const one = left?.shift();
      // The last one stays: the last resort.
      if (one !== undefined && left?.length === 0) left.push(one);
      if (one !== undefined) found.push(one);
    }
    return found;
  }

  commit(by: { userId: string; deviceId: string }, request: CommitRequest): Posted {
    const earlier = this.log.find((entry) => entry.kind === "commit" && entry.clientId === request.commitId);
    if (earlier !== undefined) return { kind: "accepted", seq: earlier.seq, epoch: this.epoch ?? 0 };
    if (!this.members.has(by.userId) || !this.devices.has(by.deviceId)) return { kind: "refused", code: "forbidden" };
    const base = request.commit === null ? null : epochOf(request.commit);
    if (base !== this.epoch && !(base === null && this.#isAlone(by.deviceId))) return { kind: "stale" };
    if (base === null) {
      this.generation += 1;
      this.#since = 0;
    }
    this.epoch = base === null ? 0 : base + 1;
    this.#groupInfo = request.groupInfo;
    const seq = this.append("commit", by, request.commitId, request.commit, "", null);
    if (base === null) this.begins = seq;
    if (request.welcome !== null) this.welcomes.push({ welcome: request.welcome, seq });
    return { kind: "accepted", seq, epoch: this.epoch };
  }

  /** Somebody was taken out: what was encrypted before that is not accepted any more. */
  close(): void {
    this.#since = (this.epoch ?? -1) + 1;
  }

  send(message: Message): Posted {
    const earlier = this.log.find((entry) => entry.senderId === message.senderId && entry.clientId === message.clientId);
    if (earlier !== undefined) return { kind: "accepted", seq: earlier.seq, epoch: this.epoch ?? 0 };
    if (!this.members.has(message.senderId) || !this.devices.has(message.senderDeviceId)) {
      return { kind: "refused", code: "chat_not_found" };
    }
    const epoch = epochOf(message.mls);
    if (this.epoch === null || epoch > this.epoch || epoch < this.epoch - WINDOW || epoch < this.#since) return { kind: "stale" };
    const { clientId, content, iv, mls } = message;
    const by = { userId: message.senderId, deviceId: message.senderDeviceId };
    return { kind: "accepted", seq: this.append("message", by, clientId, mls, content, iv), epoch: this.epoch };
  }

  append(
    kind: LogEntry["kind"],
    by: { userId: string; deviceId: string },
    clientId: string,
    mls: Uint8Array | null,
    content: string,
    iv: string | null,
  ): number {
    const seq = this.log.length + 1;
    this.log.push({ seq, kind, senderId: by.userId, senderDeviceId: by.deviceId, clientId, mls, content, iv });
    return seq;
  }
}
