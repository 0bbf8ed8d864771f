// A device of the simulation that keeps everything where a browser keeps it: IndexedDB, sealed by the vault.

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

import type { Envelope } from "../../../contracts/index.ts";
import { Database } from "../../../db/database.ts";
import { commitWrites, takeTerm } from "../../../db/ingest.ts";
import { appendPiece } from "../../../db/pieces.ts";
import { enqueue } from "../../../db/queue.ts";
import { putChat } from "../../../db/roster.ts";
import { settleSent, settleStale } from "../../../db/settling.ts";
import type { OutboxRow } from "../../../db/schema.ts";
import { ApiError } from "../../../errors.ts";
import type { Runtime } from "../../../runtime.ts";
import { keyOf, rowsOf } from "../../../sync/rows.ts";
import { chatView } from "../../../testing/envelopes.ts";
import { EncryptedChat, newRecord } from "../../e2ee/chat.ts";
import type { Delivery, GroupRecord, LogEntry } from "../../e2ee/model.ts";
import type { Settled } from "../../e2ee/settle.ts";
import { CHAT } from "../../e2ee/testing/phone.ts";
import type { TestServer } from "../../e2ee/testing/server.ts";
import type { Actor } from "../../e2ee/testing/town.ts";
import { Archive } from "../../history/archive.ts";
import { SETTLED } from "../../history/filing.ts";
import type { CryptoChat } from "../../interface.ts";
import { fromBase64, toBase64 } from "../../mls/bytes.ts";
import type { TestDevice } from "../../mls/testing/device.ts";
import { findPackage, packageRow } from "../../vault/keyring.ts";
import { Vault } from "../../vault/vault.ts";
import { TabCare } from "../care.ts";
import { MlsLeader, PATIENCE } from "../leader.ts";
import { sealDrafts } from "../mls-crypto.ts";

const chat: CryptoChat = { id: CHAT, encryption: "mls" };

export class VaultPhone implements Actor {
  shown: { key: string; text: string }[] = [];
  sealed: { key: string; cause: string }[] = [];
  outbox: OutboxRow[] = [];
  chat: EncryptedChat;
  readonly device: TestDevice;
  readonly #db: Database;
  readonly #server: TestServer;
  readonly #mayCrash: () => void;
  readonly #clock: { now: number };
  #leader: Promise<MlsLeader> | null = null;
  #care: TabCare | null = null;
  #vault: Promise<Vault> | null = null;
  /** The log is being read because the engine asked for it. */
  #reading: Promise<void> | null = null;
  /** Welcomes that the server does not offer this device any more. */
  readonly #done = new Set<string>();
  #count = 0;

  constructor(device: TestDevice, server: TestServer, mayCrash: () => void, clock: { now: number }) {
    this.device = device;
    this.#server = server;
    this.#mayCrash = mayCrash;
    this.#clock = clock;
    this.#db = new Database(device.userId, { indexedDB: new IDBFactory(), IDBKeyRange });
    this.chat = new EncryptedChat(device, newRecord(CHAT));
  }

  get db(): Database {
    return this.#db;
  }

  vault(): Promise<Vault> {
    return this.#opened();
  }

  async look(): Promise<void> {
    const stored = await this.#db.messagesIn(CHAT).filter((row) => row.kind === "message" && row.seq !== null).toArray();
    const rows = await this.#db.words.openMessages(stored);
    const keyed = rows.map(({ senderId, clientId, body }) => ({ key: `${senderId}/${clientId}`, body }));
    this.shown = keyed.flatMap(({ key, body }) => (body.t === "text" ? [{ key, text: body.text }] : []));
    this.sealed = keyed.flatMap(({ key, body }) => (body.t === "sealed" ? [{ key, cause: body.cause }] : []));
    this.outbox = await this.#db.outbox.toArray();
    const record = (await (await this.#opened()).read(`group/${CHAT}`)) as unknown as GroupRecord | undefined;
    this.chat = new EncryptedChat(this.device, record ?? newRecord(CHAT));
  }

  die(): void {
    this.#leader = null;
    this.#vault = null;
  }

  async loseState(): Promise<void> {
    await this.#db.vault.delete(`group/${CHAT}`);
    this.die();
  }

  async publish(count: number): Promise<void> {
    const { deviceId, userId } = this.device;
    await putChat(this.#db, userId, chatView({ id: CHAT, encryption: "mls" }), null);
    this.#server.register(userId, deviceId);
    const vault = await this.#opened();
    for (let left = count; left > 0; left -= 1) {
      const own = await this.device.keyPackage();
      await commitWrites(this.#db, [await packageRow(vault, own)]);
      this.#server.packages.get(deviceId)?.push(own.message);
    }
  }

  async write(text: string): Promise<void> {
    const clientId = `${this.device.deviceId}-${(this.#count += 1)}`;
    const body = { t: "text" as const, text };
    const { sealed, writes } = await sealDrafts(await this.#opened(), [{ clientId, body }]);
    const [first] = sealed;
    if (!first) throw new Error("nothing was sealed");
    const senderId = this.device.userId;
    const key = keyOf(CHAT, senderId, clientId);
    this.#mayCrash();
    await enqueue(this.#db, { key, chatId: CHAT, senderId, clientId, body, sealed: first, at: this.#count }, writes);
    this.#mayCrash();
  }

  async sync(batch = 5): Promise<void> {
    const [leader, term] = [await this.#led(), await this.#term()];
    for (;;) {
      const after = (await this.#db.cursors.get(CHAT))?.to ?? 0;
      const envelopes = this.#server.log.slice(after, after + batch).map(envelopeOf);
      if (envelopes.length === 0) return;
      await leader.follow(chat, { after, envelopes }, async ({ results, writes }) => {
        this.#mayCrash();
        const piece = { chatId: CHAT, after, rows: rowsOf(envelopes, results), writes };
        const cursor = await appendPiece(this.#db, this.device.userId, term, piece);
        this.#mayCrash();
        return cursor;
      });
    }
  }

  async flush(): Promise<Settled["kind"] | "sent"> {
    const leader = await this.#led();
    for (let round = 0; round < 30; round += 1) {
      await this.#caught(leader.tend([chat]));
      if (this.#reading !== null) {
        await this.#read();
        continue;
      }
      const [row] = await this.#db.outboxOf(CHAT).limit(1).toArray();
      if (!row) return "sent";
      try {
        await this.#caught(leader.prepare(chat, row));
      } catch (error) {
        if (error instanceof ApiError && (error.code === "waiting_for_member" || error.code === "waiting_for_device")) return "waiting";
        if (error instanceof ApiError && error.code === "not_found") return "outside";
        if (error instanceof ApiError && error.code === "group_busy") continue;
        throw error;
      }
      await this.#post(row.clientId);
    }
    return "behind";
  }

  async #post(clientId: string): Promise<void> {
    const row = await this.#db.outbox.get(clientId);
    if (!row) return;
    const { content, iv, mls } = row.sealed;
    const { userId: senderId, deviceId: senderDeviceId } = this.device;
    this.#mayCrash();
    const message = { senderId, senderDeviceId, clientId, content, iv: iv ?? "", mls: fromBase64(mls ?? "") };
    const answer = this.#server.send(message);
    this.#mayCrash();
    if (answer.kind === "refused") throw new Error(`refused: ${answer.code}`);
    if (answer.kind === "stale") await settleStale(this.#db, clientId, 0);
    else await settleSent(this.#db, clientId, { id: clientId, seq: answer.seq, timestamp: answer.seq });
    this.#mayCrash();
  }

  /** The work, and whatever it had read meanwhile; a crash of either is a crash. */
  async #caught(work: Promise<void>): Promise<void> {
    try {
      await work;
    } finally {
      if (this.#reading !== null) await this.#read();
    }
  }

  async #read(): Promise<void> {
    const reading = this.#reading;
    this.#reading = null;
    await reading;
  }

  #opened(): Promise<Vault> {
    this.#vault ??= Vault.open(this.#db);
    return this.#vault;
  }

  async #term(): Promise<number> {
    const term = (await this.#db.meta.get("term"))?.value;
    return typeof term === "number" ? term : 0;
  }

  #led(): Promise<MlsLeader> {
    this.#leader ??= this.#lead();
    return this.#leader;
  }

  async #caring(): Promise<TabCare> {
    await this.#led();
    if (!this.#care) throw new Error("the engine has nobody who cares");
    return this.#care;
  }

  async #lead(): Promise<MlsLeader> {
    const vault = await this.#opened();
    const server = this.#server;
    const { userId, deviceId } = this.device;
    const crashing = async <T>(answer: () => T): Promise<T> => {
      this.#mayCrash();
      const value = answer();
      this.#mayCrash();
      return value;
    };
    const delivery: Delivery = {
      roster: () => crashing(() => server.roster()),
      groupInfo: () => crashing(() => server.groupInfo()),
      claim: (_chat, devices) => crashing(() => server.claim(devices)),
      commit: (_chat, request) => crashing(() => server.commit({ userId, deviceId }, request)),
    };
    const [runtime, term] = [this.#runtime(), await takeTerm(this.#db)];
    const page = (_chatId: string, after: number, limit: number): Promise<Envelope[]> =>
      crashing(() => {
        this.#checkInside();
        return server.log.slice(after, after + limit).map(envelopeOf);
      });
    const beside = { db: this.#db, vault, me: userId, term, runtime, archive: this.#archive(), page };
    return new MlsLeader({
      db: this.#db,
      vault,
      delivery,
      runtime,
      term,
      care: (patient) => (this.#care = new TabCare(beside, patient)),
      behind: () => {
        this.#reading ??= this.sync();
        // It is waited for by whoever asked; until then nobody listens.
        this.#reading.catch(() => {});
      },
      own: {
        self: { userId, deviceId },
        fresh: () => this.device.keyPackage(),
        find: (refs) => findPackage(vault, refs),
        welcomes: () =>
          crashing(() =>
            server.welcomes
              .map(({ welcome, seq }) => ({ id: String(seq), chatId: CHAT, welcome }))
              .filter(({ id }) => !this.#done.has(id)),
          ),
        identityOf: async (person) => server.identities.get(person) ?? null,
        welcomed: (id) => crashing(() => void this.#done.add(id)),
        replenish: async () => {},
      },
    });
  }

  #archive(): Archive {
    const { userId } = this.device;
    // Any key will do that all devices of the person have, and nobody else.
    const secret = new Uint8Array(32);
    new TextEncoder().encodeInto(userId.slice(-12), secret);
    const between = (): void => {
      this.#checkInside();
      this.#mayCrash();
    };
    return new Archive(this.#server.shelf(userId, between), async () => secret, this.#runtime());
  }

  /** The server answers nobody whose device was ended, or who is not in the chat. */
  #checkInside(): void {
    const { members, devices } = this.#server;
    if (!members.has(this.device.userId) || !devices.has(this.device.deviceId)) throw ApiError.local("unauthenticated");
  }

  /** Archives what waits, and sees that it stayed. */
  async file(): Promise<void> {
    const care = await this.#caring();
    if (await care.file()) this.#clock.now += SETTLED;
    await care.file();
  }

  /** Tries again what was closed. */
  async reopen(): Promise<void> {
    await (await this.#caring()).reopen(CHAT);
  }

  #runtime(): Runtime {
    return {
      now: () => this.#clock.now,
      newId: () => `${this.device.deviceId}-commit-${(this.#count += 1)}`,
      random: () => 0.5,
      after: (milliseconds, run) => {
        // What is done beside everything else is done by hand: nobody would hear of a crash in it.
        if (milliseconds !== PATIENCE) return () => {};
        const timer = setTimeout(run, 20);
        return () => clearTimeout(timer);
      },
    };
  }
}

function envelopeOf({ seq, kind, senderId, senderDeviceId, clientId, mls, content, iv }: LogEntry): Envelope {
  return {
    chatId: CHAT,
    seq,
    id: `01a20428-0000-7000-8000-${String(seq).padStart(12, "0")}`,
    senderId,
    senderDeviceId,
    clientId,
    kind,
    type: kind === "message" ? "text" : kind,
    content,
    iv,
    encrypted: kind === "message",
    mls: mls && toBase64(mls),
    metadata: {},
    notify: kind === "message",
    timestamp: new Date(Date.UTC(2026, 0, 1) + seq * 1_000).toISOString(),
  };
}
