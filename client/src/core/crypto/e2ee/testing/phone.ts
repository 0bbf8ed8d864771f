// A device of the simulation: what it stores, what it has in memory, and the crashes in between.

import { sealContent, type SealedContent } from "../../mls/content.ts";
import { equal } from "../../mls/bytes.ts";
import { welcomed } from "../../mls/inspect.ts";
import type { OwnKeyPackage } from "../../mls/key-package.ts";
import type { TestDevice } from "../../mls/testing/device.ts";
import { EncryptedChat, newRecord } from "../chat.ts";
import type { Delivery, GroupRecord } from "../model.ts";
import { settle, type Hands, type Settled } from "../settle.ts";
import type { TestServer } from "./server.ts";
import type { Actor } from "./town.ts";

export const CHAT = "01900000-0000-7000-8000-00000000c4a7";

/** The device died here; what it had in memory is gone. */
export class Crash extends Error {
  override name = "Crash";
}

interface Waiting {
  clientId: string;
  text: string;
  sealed: SealedContent;
  mls: Uint8Array | null;
}

/** What survives a crash. Replaced as a whole, as a transaction does. */
interface Stored {
  record: GroupRecord;
  cursor: number;
  shown: readonly { key: string; text: string }[];
  sealed: readonly { key: string; cause: string }[];
  outbox: readonly Waiting[];
  sent: ReadonlyMap<string, string>;
  keys: readonly OwnKeyPackage[];
}

export class Phone implements Actor {
  #stored: Stored;
  #chat: EncryptedChat | null = null;
  #count = 0;

  readonly device: TestDevice;
  readonly server: TestServer;
  /** Called wherever a crash can happen; throws `Crash` to make one. */
  readonly mayCrash: () => void;
  readonly clock: { now: number };

  constructor(device: TestDevice, server: TestServer, mayCrash: () => void, clock: { now: number }) {
    this.device = device;
    this.server = server;
    this.mayCrash = mayCrash;
    this.clock = clock;
    this.#stored = { record: newRecord(CHAT), cursor: 0, shown: [], sealed: [], outbox: [], sent: new Map(), keys: [] };
  }

  get shown(): Stored["shown"] {
    return this.#stored.shown;
  }

  get sealed(): Stored["sealed"] {
    return this.#stored.sealed;
  }

  get outbox(): Stored["outbox"] {
    return this.#stored.outbox;
  }

  get chat(): EncryptedChat {
    const { userId, deviceId } = this.device;
    this.#chat ??= new EncryptedChat({ userId, deviceId }, this.#stored.record);
    return this.#chat;
  }

  /** Memory is lost, storage stays. */
  die(): void {
    this.#chat = null;
  }

  /** The group's state is gone, as when a browser evicts part of its storage. */
  async loseState(): Promise<void> {
    this.#stored = { ...this.#stored, record: newRecord(CHAT) };
    this.#chat = null;
  }

  /** Everything is in memory: there is nothing to look up. */
  async look(): Promise<void> {}

  /** The core of encryption has no archive. */
  async file(): Promise<void> {}

  async reopen(): Promise<void> {}

  async publish(count: number): Promise<void> {
    const { deviceId, userId } = this.device;
    this.server.register(userId, deviceId);
    const made: OwnKeyPackage[] = [];
    for (let left = count; left > 0; left -= 1) made.push(await this.device.keyPackage());
    await this.#commit({ keys: [...this.#stored.keys, ...made] });
    this.server.packages.get(deviceId)?.push(...made.map((own) => own.message));
  }

  async write(text: string): Promise<void> {
    const clientId = `${this.device.deviceId}-${(this.#count += 1)}`;
    const waiting = { clientId, text, sealed: await sealContent({ t: "text", text }), mls: null };
    await this.#commit({ outbox: [...this.#stored.outbox, waiting] });
  }

  /** Read what the log has after the cursor, in batches that are saved as one. */
  async sync(batch = 5): Promise<void> {
    await this.#takeWelcomes();
    for (;;) {
      const entries = this.server.log.slice(this.#stored.cursor, this.#stored.cursor + batch);
      if (entries.length === 0) return;
      const shown = [...this.#stored.shown];
      const sealed = [...this.#stored.sealed];
      let { outbox } = this.#stored;
      for (const entry of entries) {
        const reading = await this.chat.read(entry);
        const key = `${entry.senderId}/${entry.clientId}`;
        const own = this.#stored.sent.get(entry.clientId);
        if (entry.kind === "message" && own !== undefined) shown.push({ key, text: own });
        else if (reading.kind === "opened") shown.push({ key, text: (reading.body as { text: string }).text });
        else if (reading.kind === "sealed") sealed.push({ key, cause: reading.cause });
        outbox = outbox.filter((waiting) => waiting.clientId !== entry.clientId);
      }
      const cursor = entries.at(-1)?.seq ?? this.#stored.cursor;
      await this.#commit({ record: this.chat.record(), cursor, shown, sealed, outbox });
      this.chat.saved();
    }
  }

  async #takeWelcomes(): Promise<void> {
    for (const { welcome } of this.server.welcomes) {
      const refs = welcomed(welcome);
      const own = this.#stored.keys.find((keys) => refs.some((ref) => equal(ref, keys.ref)));
      if (own === undefined) continue;
      await this.chat.welcome(welcome, own, this.clock.now);
      await this.#commit({ record: this.chat.record(), keys: this.#stored.keys.filter((keys) => keys !== own) });
      this.chat.saved();
    }
  }

  /** Send what waits; afterwards the outbox is empty, or the reason why not is returned. */
  async flush(): Promise<Settled["kind"] | "sent"> {
    for (let round = 0; round < 30; round += 1) {
      const settled = await settle(this.chat, this.#hands(), { renew: this.#stored.outbox.length > 0 });
      if (settled.kind === "behind") {
        await this.sync();
        continue;
      }
      if (settled.kind !== "ready") return settled.kind;
      if (await this.#sendAll()) return "sent";
      await this.sync();
    }
    return "behind";
  }

  /** False when the epoch moved on: read the log, then make the rest anew. */
  async #sendAll(): Promise<boolean> {
    for (const waiting of this.#stored.outbox) {
      let { mls } = waiting;
      if (mls === null) {
        mls = await this.chat.wrap(waiting.sealed.capsule, waiting.clientId);
        const made = { ...waiting, mls };
        const outbox = this.#stored.outbox.map((each) => (each.clientId === waiting.clientId ? made : each));
        const sent = new Map(this.#stored.sent).set(waiting.clientId, waiting.text);
        await this.#commit({ record: this.chat.record(), outbox, sent });
        this.chat.saved();
      }
      const { userId, deviceId } = this.device;
      const { clientId, sealed } = waiting;
      this.mayCrash();
      const answer = this.server.send({
        senderId: userId, senderDeviceId: deviceId, clientId, content: sealed.content, iv: sealed.iv, mls,
      });
      this.mayCrash();
      if (answer.kind === "refused") throw new Error(`refused: ${answer.code}`);
      if (answer.kind === "stale") {
        const outbox = this.#stored.outbox.map((each) => ({ ...each, mls: null }));
        await this.#commit({ outbox });
        return false;
      }
      await this.#commit({ outbox: this.#stored.outbox.filter((each) => each.clientId !== clientId) });
    }
    return true;
  }

  /** One transaction: all of it, or with a crash none of it. */
  async #commit(change: Partial<Stored>): Promise<void> {
    this.mayCrash();
    this.#stored = { ...this.#stored, ...change };
    this.mayCrash();
  }

  #hands(): Hands {
    const { userId, deviceId } = this.device;
    const { server } = this;
    const crashing = async <T>(answer: () => T): Promise<T> => {
      this.mayCrash();
      const value = answer();
      this.mayCrash();
      return value;
    };
    const delivery: Delivery = {
      roster: () => crashing(() => server.roster()),
      groupInfo: () => crashing(() => server.groupInfo()),
      claim: (_chat, devices) => crashing(() => server.claim(devices)),
      commit: (_chat, request) => crashing(() => server.commit({ userId, deviceId }, request)),
    };
    return {
      delivery,
      self: { userId, deviceId },
      newKeyPackage: () => this.device.keyPackage(),
      groupId: (chatId, generation) => new TextEncoder().encode(`${chatId}/${generation}`),
      newCommitId: () => `${deviceId}-commit-${(this.#count += 1)}`,
      now: () => this.clock.now,
      save: async (chat) => {
        await this.#commit({ record: chat.record() });
        chat.saved();
      },
    };
  }
}
