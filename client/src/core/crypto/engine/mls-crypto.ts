// Encrypted chats: what the rest of core asks of `MessageCrypto`, over the vault and one leading engine.

import type { Body, SealedBody } from "../../db/schema.ts";
import { checkBody } from "../../talk/bodies.ts";
import { restDelivery, restDirectory } from "../e2ee/rest.ts";
import type { CryptoChat, CryptoPlace, Draft, LeadOptions, ReadyCrypto, SealedBatch, VaultWrite } from "../interface.ts";
import type { Packable } from "../keys/packed.ts";
import { sealContent } from "../mls/content.ts";
import { findPackage, Keyring } from "../vault/keyring.ts";
import { Vault } from "../vault/vault.ts";
import { capsuleName, MlsLeader, type Own } from "./leader.ts";

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
    sealed.push({ content, iv, encrypted: true, type: "text", metadata: {}, mls: null, notify: body.t === "text" });
    writes.push(await vault.write(capsuleName(clientId), { ...capsule } satisfies Packable));
  }
  return { sealed, writes };
}

/** One person's encryption in this browser. */
export class MlsCrypto {
  readonly #place: CryptoPlace;
  readonly #vault: Promise<Vault>;

  constructor(place: CryptoPlace) {
    this.#place = place;
    this.#vault = Vault.open(place.db);
    // Whoever needs it is told.
    this.#vault.catch(() => {});
  }

  async seal(_chat: CryptoChat, drafts: readonly Draft[]): Promise<SealedBatch> {
    return sealDrafts(await this.#vault, drafts);
  }

  /** Out of order and without the group's state nothing can be opened. */
  async open(count: number): Promise<Body[]> {
    return Array.from({ length: count }, (): Body => ({ t: "sealed", cause: "not_joined" }));
  }

  /** This device, made known to the server, with enough key packages for others. Rejects with `ApiError`. */
  async lead(options: LeadOptions): Promise<ReadyCrypto> {
    const { db, me, rest, runtime } = this.#place;
    const [vault, directory] = [await this.#vault, restDirectory(rest)];
    const keyring = await Keyring.open({ db, vault, directory, me, runtime });
    await keyring.replenish();
    const own: Own = {
      self: keyring.self,
      fresh: () => keyring.fresh(),
      find: (refs) => findPackage(vault, refs),
      welcomes: () => directory.welcomes(),
      welcomed: (id) => directory.welcomed(id),
      identityOf: (userId) => directory.identityOf(userId),
      replenish: () => keyring.replenish(),
    };
    return new MlsLeader({ ...options, db, vault, delivery: restDelivery(rest), own, runtime });
  }
}
