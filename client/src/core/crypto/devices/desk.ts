// What a person can do about their keys: bring them here, hand them on, keep them safe, begin anew.

import * as v from "valibot";

import { ApiError } from "../../errors.ts";
import { restDirectory, type Directory } from "../e2ee/rest.ts";
import type { CryptoPlace } from "../interface.ts";
import { passkeySalt, type PasskeyAnswer } from "../keys/passkey.ts";
import { formatCode, newRecoverySecret, NotACode, parseCode, unwrap, wrap } from "../keys/recovery.ts";
import { SealBroken } from "../keys/sealing.ts";
import { equal, fromBase64, plain, toBase64 } from "../mls/bytes.ts";
import { refusal } from "../refusals.ts";
import { Vault } from "../vault/vault.ts";
import { keepByPasskey, openByPasskey, type AskPasskey } from "./by-passkey.ts";
import { checkPair, LinkBroken, meet, newOffer, NotALinkCode, parseLink, type Meeting, type Newcomer } from "./linking.ts";
import { dropNext, install, keepNext, newDevice, newPersonKeys, readDevice, type OwnDevice, type PersonKeys } from "./own.ts";
import { readKeysState, writeKeysState } from "./state.ts";

/** Milliseconds between two looks for the answer; the server takes two a second. */
const LOOK = 1_500;
const bytes = v.pipe(v.string(), v.base64(), v.transform(fromBase64));
const time = v.pipe(v.string(), v.transform((text) => Date.parse(text)));
const vLetter = v.object({ data: bytes });
const vKept = v.object({ expiresAt: time });
const vRecovery = v.object({ wrapped: bytes });
const vReset = v.object({ resetAt: v.nullable(time) });
const vDevices = v.object({
  devices: v.array(
    v.object({ id: v.string(), sessionId: v.string(), name: v.string(), createdAt: time, lastSeenAt: time, current: v.boolean() }),
  ),
});
const vNothing = v.unknown();

/** One of the person's devices. Times in milliseconds since the epoch. */
export type DeviceItem = v.InferOutput<typeof vDevices>["devices"][number];

/** What a new device shows while it waits to be let in. */
export interface Waiting {
  /** For hands; `formatLink` groups it. */
  code: string;
  /** To be compared with what the other device shows. */
  digits: string;
  /** Milliseconds since the epoch: until when the code is good. */
  expiresAt: number;
  /**
   * Resolves when the keys are here. Rejects with `link_over`, `link_broken`, whatever `signal` was stopped with, or what
   * is wrong with the server.
   */
  arrived(signal: AbortSignal): Promise<void>;
}

/** A new device that asks to be let in. */
export interface Caller {
  name: string;
  digits: string;
  /** Hands the keys over. */
  letIn(): Promise<void>;
}

/** Everything rejects with `ApiError`. `changed`: this device's keys are others from now on. */
export class KeyDesk {
  readonly #place: CryptoPlace;
  readonly #directory: Directory;
  readonly #changed: () => void;

  constructor(place: CryptoPlace, changed: () => void) {
    this.#place = place;
    this.#directory = restDirectory(place.rest);
    this.#changed = changed;
  }

  // ── from device to device ─────────────────────────────────────────────────────────────────────────────────────────

  /** On the new device: a code that the old one can use once. */
  async askIn(): Promise<Waiting> {
    const { me, rest, runtime } = this.#place;
    const offer = await newOffer(me, await this.#directory.deviceName());
    const body = { nonce: offer.mailbox, data: toBase64(offer.letter) };
    const { expiresAt } = await rest.send("POST /api/keys/links", vKept, { body });
    const { code, digits } = offer;
    // By this clock, which may be wrong, it is so long from now.
    const until = Math.min(expiresAt, runtime.now() + TEN_MINUTES);
    return { code, digits, expiresAt: until, arrived: (signal) => this.#arrived(offer, until, signal) };
  }

  async #arrived(offer: Awaited<ReturnType<typeof newOffer>>, until: number, signal: AbortSignal): Promise<void> {
    const { runtime } = this.#place;
    for (;;) {
      const answer = await this.#letter(offer.waitAt);
      signal.throwIfAborted();
      if (answer) return this.#adopt(await unbroken(offer.open(answer)));
      if (runtime.now() >= until) throw refusal("link_over");
      await pause(this.#place, LOOK, signal);
    }
  }

  /** On a device that has the keys: who asks by this code, as scanned or typed. */
  async whoAsks(typed: string): Promise<Caller> {
    const { me, rest } = this.#place;
    const device = await this.#device();
    const meeting: Meeting = await meet(me, codeOf(typed));
    const letter = await this.#letter(meeting.mailbox);
    if (!letter) throw refusal("link_unknown");
    const newcomer: Newcomer = await unbroken(meeting.read(letter));
    const letIn = async (): Promise<void> => {
      const data = toBase64(await newcomer.answer(device));
      await rest.send("POST /api/keys/links", vNothing, { body: { nonce: meeting.answerAt, data } });
    };
    return { name: newcomer.name, digits: newcomer.digits, letIn };
  }

  async #letter(mailbox: string): Promise<Uint8Array | null> {
    try {
      return (await this.#place.rest.send("GET /api/keys/links/{nonce}", vLetter, { path: { nonce: mailbox } })).data;
    } catch (error) {
      if (error instanceof ApiError && error.code === "not_found") return null;
      throw error;
    }
  }

  // ── the recovery code ─────────────────────────────────────────────────────────────────────────────────────────────

  /** A code that opens nothing yet. */
  newCode(): Promise<string> {
    return formatCode(newRecoverySecret());
  }

  /** From now on this code brings the keys back, and no earlier one; nor, if there was one, do passkeys. */
  async keepCode(code: string): Promise<void> {
    const { me, rest, db, runtime } = this.#place;
    const { identity, archiveKey } = await this.#device();
    const wrapped = toBase64(await wrap(await parseCode(code), me, { identitySecret: identity.secret, archiveKey }));
    await rest.send("PUT /api/keys/recovery", vNothing, { body: { wrapped } });
    const before = await readKeysState(db);
    // With an earlier code the server forgets what passkeys open.
    const passkeyAt = before.recoveryAt === null ? before.passkeyAt : null;
    await writeKeysState(db, { ...before, recoveryAt: runtime.now(), passkeyAt });
  }

  /** Brings the keys here. One refusal for every code that does not. */
  async restore(typed: string): Promise<void> {
    const { me, rest } = this.#place;
    const person = await this.#directory.identity();
    try {
      // Slips are found before the server counts an attempt.
      const secret = await parseCode(typed);
      const { wrapped } = await rest.send("GET /api/keys/recovery", vRecovery);
      const { identitySecret, archiveKey } = await unwrap(secret, me, wrapped);
      if (!person) throw new NotACode("nobody has keys");
      await checkPair(identitySecret, person.key);
      await this.#adopt({ identity: { secret: identitySecret, public: person.key }, archiveKey: plain(archiveKey) });
    } catch (error) {
      const wrong = error instanceof NotACode || error instanceof SealBroken || error instanceof LinkBroken;
      throw wrong ? refusal("wrong_recovery_code") : error;
    }
  }

  /** Which ways back there are; something may have been changed elsewhere. */
  async lookAtWays(): Promise<void> {
    const { db } = this.#place;
    const person = await this.#directory.identity();
    if (!person) return;
    const { recoveryAt, passkeyAt } = person;
    await writeKeysState(db, { ...(await readKeysState(db)), recoveryAt, passkeyAt });
  }

  // ── a passkey in the place of the code ────────────────────────────────────────────────────────────────────────────

  /** What a new passkey is to make something of, so that it need not be asked for a second time. */
  passkeySalt(): Promise<Uint8Array<ArrayBuffer>> {
    return passkeySalt(this.#place.me);
  }

  /** From now on a passkey brings the keys back, one that the person chooses or has just `made`; see `keepByPasskey`. */
  async keepByPasskey(ask: AskPasskey, made: PasskeyAnswer | null): Promise<void> {
    const { db, runtime } = this.#place;
    const { identity, archiveKey } = await this.#device();
    await keepByPasskey(this.#place, { identitySecret: identity.secret, archiveKey }, ask, made);
    await writeKeysState(db, { ...(await readKeysState(db)), passkeyAt: runtime.now() });
  }

  /** Brings the keys here. Rejects with `wrong_passkey` for every passkey that does not, and with `passkey_cannot`. */
  async restoreByPasskey(ask: AskPasskey): Promise<void> {
    const person = await this.#directory.identity();
    try {
      const { identitySecret, archiveKey } = await openByPasskey(this.#place, ask);
      if (!person) throw new LinkBroken("nobody has keys");
      await checkPair(identitySecret, person.key);
      await this.#adopt({ identity: { secret: identitySecret, public: person.key }, archiveKey: plain(archiveKey) });
    } catch (error) {
      throw error instanceof LinkBroken ? refusal("wrong_passkey") : error;
    }
  }

  // ── beginning anew ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * New keys in the place of the lost ones. Resolves to the moment in which they count, in milliseconds since the epoch,
   * or to null when they do already. The person is asked for proof of who they are.
   */
  async startOver(): Promise<number | null> {
    const { db, rest } = this.#place;
    const vault = await Vault.open(db);
    const keys = await newPersonKeys();
    // Before the server hears of it: it may take effect without an answer.
    await keepNext(db, vault, { ...keys, at: null });
    const body = { key: toBase64(keys.identity.public) };
    const { resetAt } = await rest.send("POST /api/keys/identity/reset", vReset, { body });
    if (resetAt === null) this.#changed();
    else {
      await keepNext(db, vault, { ...keys, at: resetAt });
      await writeKeysState(db, { ...(await readKeysState(db)), resetAt, resetHere: true });
    }
    return resetAt;
  }

  /** Nobody starts over: the keys stay as they are. */
  async keepKeys(): Promise<void> {
    const { db, rest } = this.#place;
    await rest.send("DELETE /api/keys/identity/reset", vNothing);
    await dropNext(db);
    await writeKeysState(db, { ...(await readKeysState(db)), resetAt: null, resetHere: false });
  }

  // ── devices ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** All devices of the person, the oldest first. */
  async devices(): Promise<DeviceItem[]> {
    return (await this.#place.rest.send("GET /api/keys/devices", vDevices)).devices;
  }

  /** Ends a device and its sign-in. The person is asked for proof of who they are. */
  async removeDevice(deviceId: string): Promise<void> {
    await this.#place.rest.send("DELETE /api/keys/devices/{device_id}", vNothing, { path: { device_id: deviceId } });
  }

  // ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** This device, which has the keys. */
  async #device(): Promise<OwnDevice> {
    const device = await readDevice(await Vault.open(this.#place.db));
    if (!device || (await readKeysState(this.#place.db)).state !== "ready") throw refusal("not_linked");
    return device;
  }

  /** Makes this browser a device of the person whose keys these are. */
  async #adopt(keys: PersonKeys): Promise<void> {
    const { db, me, runtime } = this.#place;
    const person = await this.#directory.identity();
    // Somebody started over in the meantime, or the other device lied.
    if (!person || !equal(person.key, keys.identity.public)) throw refusal("link_broken");
    const device = await newDevice(keys, { me, runtime, name: await this.#directory.deviceName() });
    await install(db, await Vault.open(db), device, { depose: true });
    this.#changed();
  }
}

const TEN_MINUTES = 600_000;

function codeOf(typed: string): string {
  try {
    return parseLink(typed);
  } catch (error) {
    if (error instanceof NotALinkCode) throw refusal("not_a_link_code");
    throw error;
  }
}

async function unbroken<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LinkBroken) throw refusal("link_broken");
    throw error;
  }
}

function pause({ runtime }: CryptoPlace, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
    const cancel = runtime.after(ms, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop, { once: true });
  });
}
