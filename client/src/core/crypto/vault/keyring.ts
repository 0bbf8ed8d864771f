// This device's own keys: the person's identity key, the device's certificate, and the key packages that others let it in
// by. Everything is in the vault before the server hears of it, so a crash leaves at worst something to say again.

import type { VaultWrite } from "../interface.ts";
import type { Directory } from "../e2ee/rest.ts";
import {
  install,
  newDevice,
  newPersonKeys,
  readDevice,
  readNext,
  storedDevice,
  type OwnDevice,
  type PersonKeys,
} from "../devices/own.ts";
import type { Self } from "../e2ee/chat.ts";
import type { Database } from "../../db/database.ts";
import { commitWrites } from "../../db/ingest.ts";
import type { Runtime } from "../../runtime.ts";
import type { Packable } from "../keys/packed.ts";
import { refusal } from "../refusals.ts";
import { equal } from "../mls/bytes.ts";
import { proveReturn } from "../mls/identity.ts";
import { newKeyPackage, type OwnKeyPackage } from "../mls/key-package.ts";
import type { Vault } from "./vault.ts";

const PACKAGE = "package/";
const DAY = 86_400;
/** The server takes key packages of a year. */
const PACKAGED = 360 * DAY;
/** Clocks differ. */
const EARLIER = 3_600;

/** One-time key packages to have at the server, and how few bring new ones. */
const FULL = 60;
const LOW = 30;
/** One last resort for all times would be one key for all times. */
const LAST_RESORT = "/last-resort";

export interface KeyringOptions {
  db: Database;
  vault: Vault;
  directory: Directory;
  me: string;
  runtime: Runtime;
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Keyring {
  readonly #options: KeyringOptions;
  readonly #device: OwnDevice;

  private constructor(options: KeyringOptions, device: OwnDevice) {
    this.#options = options;
    this.#device = device;
  }

  /**
   * The keys of this device: made and registered the first time, and found again later. Rejects with `ApiError`, among
   * them `not_linked` when the person has keys on another device that this one does not have.
   */
  static async open(options: KeyringOptions): Promise<Keyring> {
    return Keyring.of(options, await deviceOf(options));
  }

  /** The keys of the device that this browser is already. Rejects with `ApiError`. */
  static async of(options: KeyringOptions, device: OwnDevice): Promise<Keyring> {
    // Again each time: a new sign-in is a new session, and the server knows the device of each.
    const { deviceId, credential: certificate, signer, name } = device;
    const named = { certificate, signatureKey: signer.public, name };
    const prove = (challenge: Uint8Array) => proveReturn({ userId: options.me, deviceId }, signer.secret, challenge);
    await options.directory.register(deviceId, named, prove);
    return new Keyring(options, device);
  }

  get self(): Self {
    const { userId, deviceId } = this.#device;
    return { userId, deviceId };
  }

  /** Opens the archive of message keys; the same on all devices of the person. */
  get archiveKey(): Uint8Array<ArrayBuffer> {
    return this.#device.archiveKey;
  }

  /** A key package that nobody else gets: for coming in from outside, and for new groups. */
  fresh(lastResort = false): Promise<OwnKeyPackage> {
    const now = Math.floor(this.#options.runtime.now() / 1_000);
    const lifetime = { notBefore: now - EARLIER, notAfter: now + PACKAGED };
    return newKeyPackage(this.#device.credential, this.#device.signer, lifetime, lastResort);
  }

  /** Sees to it that others find enough key packages of this device. */
  async replenish(): Promise<void> {
    const { directory, db, vault } = this.#options;
    const { left, lastResort } = await directory.packages();
    const made: OwnKeyPackage[] = [];
    if (left < LOW) for (let missing = FULL - left; missing > 0; missing -= 1) made.push(await this.fresh());
    const last = lastResort ? null : await this.fresh(true);
    if (made.length === 0 && last === null) return;
    const writes = await Promise.all(made.map((own) => packageRow(vault, own)));
    if (last) writes.push(await packageRow(vault, last, true));
    await commitWrites(db, writes);
    await directory.publish(made.map((own) => own.message), last?.message ?? null);
  }

}

/** The private half of a key package, to be kept before others see its public half. */
export function packageRow(vault: Vault, own: OwnKeyPackage, lastResort = false): Promise<VaultWrite> {
  const { message, ref, initKey, leafKey, signatureKey } = own;
  const value: Packable = { message, ref, initKey, leafKey, signatureKey };
  return vault.write(PACKAGE + hex(ref) + (lastResort ? LAST_RESORT : ""), value);
}

/** The key package that one of these references means, and what takes it away once it was used. */
export async function findPackage(vault: Vault, refs: readonly Uint8Array[]): Promise<FoundPackage | null> {
  for (const ref of refs) {
    const name = PACKAGE + hex(ref);
    const own = await vault.read(name);
    if (own) return { own: own as unknown as OwnKeyPackage, spent: [{ key: name, value: undefined }] };
    const last = await vault.read(name + LAST_RESORT);
    // The last resort stays: it lets this device in again and again.
    if (last) return { own: last as unknown as OwnKeyPackage, spent: [] };
  }
  return null;
}

export interface FoundPackage {
  own: OwnKeyPackage;
  spent: VaultWrite[];
}

/**
 * The keys that this browser has, if they are the person's; made when the person has none anywhere. When the person starts
 * over, two engines may ask at the same moment: the one that the server's word started, and the one of its answer.
 */
async function deviceOf(options: KeyringOptions): Promise<OwnDevice> {
  for (;;) {
    const device = await decided(options);
    if (device) return device;
  }
}

/** null: this browser became another device meanwhile. */
async function decided({ vault, directory, db, me, runtime }: KeyringOptions): Promise<OwnDevice | null> {
  const person = await directory.identity();
  const instead = await storedDevice(db);
  // Before the device: whoever uses the next keys puts the device in their place in one transaction, so that one of the
  // two is seen.
  const next = await readNext(vault);
  const known = await readDevice(vault);
  if (known && known.userId !== me) throw new TypeError("the vault of somebody else");
  const make = async (keys: PersonKeys): Promise<OwnDevice | null> => {
    const device = await newDevice(keys, { me, runtime, name: await directory.deviceName() });
    return (await install(db, vault, device, { depose: false, instead })) ? device : null;
  };
  if (person === null) {
    const device = known ?? (await make(await newPersonKeys()));
    if (device === null || (await directory.claimIdentity(device.identity.public))) return device;
  } else {
    if (known && equal(known.identity.public, person.key)) return known;
    // The wait is over, and what this browser asked for counts.
    if (next && equal(next.identity.public, person.key)) return make(next);
  }
  // A login alone never replaces an identity: another one has to be brought from where it is.
  throw refusal("not_linked");
}
