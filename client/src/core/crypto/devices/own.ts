// What makes a browser one of a person's devices: the person's keys, which all their devices share, and its own.

import type { Database } from "../../db/database.ts";
import { commitWrites, takeTerm } from "../../db/ingest.ts";
import type { Runtime } from "../../runtime.ts";
import type { Packable } from "../keys/packed.ts";
import { equal } from "../mls/bytes.ts";
import { certify, newSigningKey, type SigningKey } from "../mls/identity.ts";
import type { Vault } from "../vault/vault.ts";

/** What all devices of a person share. */
export interface PersonKeys {
  /** Vouches for the devices. */
  identity: SigningKey;
  /** Opens the archive of message keys; 32 bytes. */
  archiveKey: Uint8Array<ArrayBuffer>;
}

/** This device, with everything secret about it. */
export interface OwnDevice extends PersonKeys {
  userId: string;
  deviceId: string;
  /** What the person reads in the list of their devices. */
  name: string;
  /** Signs what this device does in groups. */
  signer: SigningKey;
  credential: Uint8Array;
}

/** What this device is made of, beside keys. */
export interface DeviceFacts {
  me: string;
  name: string;
  runtime: Runtime;
}

const DEVICE = "device";
/** The keys to go on with when the server lets this person start over. */
const NEXT = "next-identity";
/** What only the device of before could use. */
const OF_DEVICE = ["group/", "package/"];
/** The certificate stands as long as the device does; nobody refuses a member whose certificate ran out. */
const CERTIFIED = 3_650 * 86_400;

export async function newPersonKeys(): Promise<PersonKeys> {
  return { identity: await newSigningKey(), archiveKey: crypto.getRandomValues(new Uint8Array(32)) };
}

/** A new device of the person, in memory. */
export async function newDevice(keys: PersonKeys, { me, name, runtime }: DeviceFacts): Promise<OwnDevice> {
  const signer = await newSigningKey();
  const deviceId = runtime.newId();
  const expires = Math.floor(runtime.now() / 1_000) + CERTIFIED;
  const credential = await certify(keys.identity, { userId: me, deviceId, signatureKey: signer.public, expires });
  return { ...keys, userId: me, deviceId, name, signer, credential };
}

export const readDevice = async (vault: Vault): Promise<OwnDevice | undefined> =>
  (await vault.read(DEVICE)) as unknown as OwnDevice | undefined;

/** The device's row as it is stored: whether it is still the one that somebody decided by. */
export type Stored = Uint8Array | undefined;

export const storedDevice = async (db: Database): Promise<Stored> =>
  (await db.vault.get(DEVICE))?.value as Stored;

/**
 * `depose`: an engine may be using the device; that one must not write any more and has to be started again.
 * `instead`: only in the place of this one, which was decided by; somebody else may have been quicker.
 */
export type Installing = { depose: true } | { depose: false; instead: Stored };

/**
 * Makes this browser that device. What an earlier device of this browser had in groups is gone with it, in the same
 * transaction. False: nothing was done, since another device is there meanwhile.
 */
export async function install(db: Database, vault: Vault, device: OwnDevice, how: Installing): Promise<boolean> {
  const row = await vault.write(DEVICE, device as unknown as Packable);
  return db.transaction("rw", [db.vault, db.meta], async () => {
    if (how.depose) await takeTerm(db);
    else if (!same(await storedDevice(db), how.instead)) return false;
    for (const prefix of OF_DEVICE) await db.vault.where("key").startsWith(prefix).delete();
    await commitWrites(db, [row, { key: NEXT, value: undefined }]);
    return true;
  });
}

/** Each time it is written it is sealed anew, so the same bytes are the same row. */
const same = (one: Stored, other: Stored): boolean => one === other || (one !== undefined && other !== undefined && equal(one, other));

/** Keys with which this person starts over. */
export interface NextKeys extends PersonKeys {
  /** When they count, in milliseconds since the epoch; null: the server has not said yet. */
  at: number | null;
}

export const readNext = async (vault: Vault): Promise<NextKeys | undefined> =>
  (await vault.read(NEXT)) as unknown as NextKeys | undefined;

export async function keepNext(db: Database, vault: Vault, keys: NextKeys): Promise<void> {
  await commitWrites(db, [await vault.write(NEXT, keys as unknown as Packable)]);
}

export const dropNext = (db: Database): Promise<void> => commitWrites(db, [{ key: NEXT, value: undefined }]);
