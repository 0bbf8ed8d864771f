// Encrypted chats: what the rest of core asks of `MessageCrypto`, over the vault and one leading engine.

import { vPage } from "../../contracts/generated/schemas.ts";
import type { Envelope } from "../../contracts/index.ts";
import type { Body, SealedBody, SealedCause } from "../../db/schema.ts";
import { ApiError } from "../../errors.ts";
import { readDevice } from "../devices/own.ts";
import { checkBody, isMessage } from "../../talk/bodies.ts";
import { restDelivery, restDirectory } from "../e2ee/rest.ts";
import type { CryptoChat, CryptoPlace, Draft, LeadOptions, OpenedBatch, ReadyCrypto, SealedBatch, VaultWrite } from "../interface.ts";
import type { Packable } from "../keys/packed.ts";
import { Archive, messageName } from "../history/archive.ts";
import { closedRows } from "../history/names.ts";
import { openedBy } from "../history/reopening.ts";
import { restShelf } from "../history/shelf.ts";
import { sealContent, type Capsule } from "../mls/content.ts";
import { Marks } from "../trust/marks.ts";
import { Keyring } from "../vault/keyring.ts";
import { Vault } from "../vault/vault.ts";
import { TabCare, type Care, type Patient } from "./care.ts";
import { MlsLeader } from "./leader.ts";
import { ownOf } from "./own.ts";
import { capsuleName } from "./reader.ts";

/**
 * Words under a key of their own. The key waits in the vault until the message is sent: only then is it known for which
 * devices, and a change of the group in between does not touch what was sealed here.
 */
export async function sealDrafts(vault: Vault, drafts: readonly Draft[]): Promise<SealedBatch> {
  const sealed: SealedBody[] = [];
  const writes: VaultWrite[] = [];
  for (const { clientId, body } of drafts) {
    checkBody(body);
    const { content, iv, capsule } = await sealContent(body);
    sealed.push({ content, iv, encrypted: true, type: "text", metadata: {}, mls: null, notify: isMessage(body) });
    writes.push(await vault.write(capsuleName(clientId), { ...capsule } satisfies Packable));
  }
  return { sealed, writes };
}

const NO_CAPSULES: ReadonlyMap<string, Capsule> = new Map();

/** One person's encryption in this browser. */
export class MlsCrypto {
  readonly #place: CryptoPlace;
  readonly #vault: Promise<Vault>;
  readonly #secret: () => Promise<Uint8Array<ArrayBuffer> | null>;
  readonly #archive: Archive;

  constructor(place: CryptoPlace) {
    this.#place = place;
    this.#vault = Vault.open(place.db);
    // Whoever needs it is told.
    this.#vault.catch(() => {});
    const secret = async () => (await readDevice(await this.#vault))?.archiveKey ?? null;
    this.#secret = secret;
    this.#archive = new Archive(restShelf(place.rest), secret, place.runtime);
  }

  async seal(_chat: CryptoChat, drafts: readonly Draft[]): Promise<SealedBatch> {
    return sealDrafts(await this.#vault, drafts);
  }

  /**
   * Out of order and without the group's state only the archive opens anything. What it does not have is remembered, to
   * be tried again when it does.
   */
  async open(chat: CryptoChat, envelopes: readonly Envelope[]): Promise<OpenedBatch> {
    const linked = (await readDevice(await this.#vault)) !== undefined;
    const keys = linked ? await this.#find(chat.id, envelopes) : NO_CAPSULES;
    const closed: SealedCause = linked ? "not_joined" : "not_linked";
    const missed: { seq: number; cause: SealedCause }[] = [];
    const results: Body[] = [];
    for (const each of envelopes) {
      const body = await openedBy(keys.get(messageName(each.senderId, each.clientId)), each);
      if (!body) missed.push({ seq: each.seq, cause: closed });
      results.push(body ?? { t: "sealed", cause: closed });
    }
    return { results, writes: closedRows(chat.id, missed) };
  }

  /** What the archive has for these messages; nothing while it cannot be asked. */
  async #find(chatId: string, envelopes: readonly Envelope[]): Promise<ReadonlyMap<string, Capsule>> {
    try {
      return await this.#archive.find(chatId, envelopes.map((each) => each.seq));
    } catch (error) {
      if (error instanceof ApiError) return NO_CAPSULES;
      throw error;
    }
  }

  /** This device, made known to the server, with enough key packages for others. Rejects with `ApiError`. */
  async lead(options: LeadOptions): Promise<ReadyCrypto> {
    const { db, me, rest, runtime } = this.#place;
    const [vault, directory] = [await this.#vault, restDirectory(rest)];
    const keyring = await Keyring.open({ db, vault, directory, me, runtime });
    await keyring.replenish();
    const page = async (chatId: string, after: number, limit: number) => {
      const asked = { path: { chat_id: chatId }, query: { after, limit } };
      return (await rest.send("GET /api/chats/{chat_id}/messages", vPage, asked)).messages;
    };
    const { deviceId } = keyring.self;
    const marks = new Marks({ db, vault, shelf: restShelf(rest), me, deviceId, secret: this.#secret, term: options.term, runtime });
    const around = { db, vault, runtime, term: options.term };
    const care = (patient: Patient): Care => new TabCare({ ...around, me, archive: this.#archive, marks, page }, patient);
    const own = ownOf(keyring, vault, directory);
    return new MlsLeader({ ...options, ...around, delivery: restDelivery(rest), own, care });
  }
}
