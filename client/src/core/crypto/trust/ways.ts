// What the screens can do about people's keys; fetched when one of them wants to.

import * as v from "valibot";

import type { Account } from "../../account.ts";
import { say } from "../../actions/say.ts";
import type { Rest } from "../../api/http.ts";
import { query } from "../../db/live-query.ts";
import { ApiError } from "../../errors.ts";
import type { Live } from "../../live.ts";
import type { Runtime } from "../../runtime.ts";
import type { SafetyNumber, Trusted } from "../../services.ts";
import type { OwnInvitation } from "../../trust.ts";
import { compareCode, safetyCode, safetyNumber, type Comparison, type Party } from "../keys/safety.ts";
import { readDevice } from "../devices/own.ts";
import { readKeysState, type KeysState } from "../devices/state.ts";
import { equal, fromBase64, toBase64 } from "../mls/bytes.ts";
import { ownIdentity } from "../vault/own.ts";
import { Vault } from "../vault/vault.ts";
import { readInvitation, writeInvitation } from "./invitation.ts";
import { trustOf, type TrustEvent } from "./model.ts";
import { noticesOf } from "./notices.ts";
import { passOf, prove } from "./pass.ts";
import { TrustStore, versionIn } from "./store.ts";

const vDevices = v.object({ identityKey: v.pipe(v.string(), v.base64(), v.transform(fromBase64)) });

/** Milliseconds to wait for one's own keys. */
const PATIENCE = 5_000;
/** The same where nobody waits for it. */
const LONG = 120_000;

/** By user id: everybody whose keys this device has seen. */
export async function people({ db }: Account): Promise<Live<Trusted | undefined>> {
  const store = new TrustStore({ db, vault: await Vault.open(db), now: () => 0 });
  return query(async () => {
    // Read here, before anything that is not the database: this is what makes the query run again.
    await versionIn(db);
    const known = await store.all();
    return new Map([...known].map(([userId, record]) => [userId, trustOf(record)]));
  });
}

export class TrustWays {
  readonly #account: Account;
  readonly #rest: Rest;
  readonly #runtime: Runtime;

  constructor(account: Account, rest: Rest, runtime: Runtime) {
    this.#account = account;
    this.#rest = rest;
    this.#runtime = runtime;
  }

  /** What both of you can compare; null while either has no keys here. Asks the directory, too, when it can be reached. */
  async number(userId: string): Promise<SafetyNumber | null> {
    await this.#ask(userId);
    const parties = await this.#parties(userId);
    if (parties === null) return null;
    const { own, other } = parties;
    return { groups: await safetyNumber(own, other), code: safetyCode(own, other), key: other.identityKey };
  }

  /** What the other's code says of the key that is shown here. */
  async compare(userId: string, scanned: string): Promise<Comparison> {
    const parties = await this.#parties(userId);
    return parties === null ? "not_a_code" : compareCode(scanned, parties.own, parties.other);
  }

  verify = (userId: string, key: Uint8Array): Promise<void> => this.#change(userId, { t: "verified", key });
  unverify = (userId: string): Promise<void> => this.#change(userId, { t: "unverified" });

  /** Believes the keys that are new, without having compared them. */
  async accept(userId: string): Promise<void> {
    const other = (await this.#record(userId))?.other;
    if (other) await this.#change(userId, { t: "accepted", key: other.key });
  }

  /**
   * What one's own invitations carry behind "#"; null: this browser does not have the keys that count. `single`: the link is
   * for one person, who proves with it to have had it.
   */
  async invitation(single: boolean): Promise<OwnInvitation | null> {
    if ((await this.#keysState()) !== "ready") return null;
    const vault = await this.#vault();
    const key = await ownIdentity(vault);
    const archiveKey = single ? (await readDevice(vault))?.archiveKey : undefined;
    if (key === null) return null;
    const pass = archiveKey ? await passOf(archiveKey) : null;
    return { fragment: writeInvitation(key, pass), mutual: pass !== null };
  }

  /** Right after the first sign-in the keys are only being made: that is waited for, a while. */
  #keysState(patience = PATIENCE): Promise<KeysState["state"]> {
    const state = query(() => readKeysState(this.#account.db));
    return new Promise((resolve) => {
      const done = (): void => {
        stop();
        cancel();
        resolve(state.get()?.state ?? "unknown");
      };
      const cancel = this.#runtime.after(patience, done);
      const stop = state.subscribe(() => state.get()?.state !== "unknown" && done());
    });
  }

  /** Somebody's invitation was followed. What is no fragment of ours says nothing. */
  async invited(userId: string, fragment: string): Promise<void> {
    const told = readInvitation(fragment);
    if (told !== null) await this.#change(userId, { t: "invited", key: told.key });
  }

  /** Proves to them, in the chat of the two, that this person had the invitation, once this person has keys. */
  async introduce(userId: string, chatId: string, fragment: string): Promise<void> {
    const told = readInvitation(fragment);
    const chat = await this.#account.db.chats.get(chatId);
    if (!told?.pass || chat?.encryption !== "mls" || (await this.#keysState(LONG)) !== "ready") return;
    const identityKey = await ownIdentity(await this.#vault());
    if (identityKey === null) return;
    const parties = { inviter: { userId, identityKey: told.key }, invited: { userId: this.#account.me, identityKey } };
    const proof = await prove(told.pass, parties);
    await say(this.#account, this.#runtime, chatId, { t: "invited", nonce: toBase64(told.pass.nonce), proof: toBase64(proof) });
  }

  async #ask(userId: string): Promise<void> {
    try {
      const options = { path: { user_id: userId } };
      const { identityKey: key } = await this.#rest.send("GET /api/users/{user_id}/devices", vDevices, options);
      await this.#change(userId, { t: "directory", key });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  async #parties(userId: string): Promise<{ own: Party; other: Party } | null> {
    const [key, record] = [await ownIdentity(await this.#vault()), await this.#record(userId)];
    if (key === null || record === undefined) return null;
    const own = { userId: this.#account.me, identityKey: key };
    return { own, other: { userId, identityKey: record.other?.key ?? record.key } };
  }

  async #record(userId: string) {
    return (await (await this.#store()).all()).get(userId);
  }

  async #change(userId: string, event: TrustEvent): Promise<void> {
    const before = (await this.#record(userId))?.other ?? null;
    await (await this.#store()).change([{ userId, event }]);
    const after = (await this.#record(userId))?.other ?? null;
    // What waited for this need not wait for its next turn.
    if (before !== null && (after === null || !equal(after.key, before.key))) this.#account.wake();
  }

  #vault(): Promise<Vault> {
    return Vault.open(this.#account.db);
  }

  async #store(): Promise<TrustStore> {
    const { db } = this.#account;
    const now = (): number => this.#runtime.now();
    return new TrustStore({ db, vault: await this.#vault(), now, tell: (news) => noticesOf(db, news, now()) });
  }
}
