// A device for tests: its keys, and key packages on demand.

import { certify, newSigningKey, type SigningKey } from "../identity.ts";
import { newKeyPackage, type OwnKeyPackage } from "../key-package.ts";

const YEAR = 365 * 86_400;

export interface TestDevice {
  userId: string;
  deviceId: string;
  signer: SigningKey;
  credential: Uint8Array;
  keyPackage(lastResort?: boolean): Promise<OwnKeyPackage>;
}

/** Ids that are UUIDs and say whose they are. */
export const userIdOf = (person: number): string => `00000000-0000-7000-8000-${String(person).padStart(12, "0")}`;
const deviceIdOf = (person: number, device: number): string =>
  `00000000-0000-7000-9${String(device).padStart(3, "0")}-${String(person).padStart(12, "0")}`;

const owners = new Map<string, Promise<SigningKey>>();

/**
 * Device `device` of person `person`; all devices of a person are certified by one identity key, unless they started over
 * in between: each `life` has its own.
 */
export async function testDevice(person: number, device = 0, life = 0): Promise<TestDevice> {
  const owner = owners.get(`${person}/${life}`) ?? newSigningKey();
  owners.set(`${person}/${life}`, owner);
  const signer = await newSigningKey();
  const now = Math.floor(Date.now() / 1_000);
  const lifetime = { notBefore: now - 3_600, notAfter: now + YEAR };
  const [userId, deviceId] = [userIdOf(person), deviceIdOf(person, device)];
  const wish = { userId, deviceId, signatureKey: signer.public, expires: now + YEAR };
  const credential = await certify(await owner, wish);
  return {
    userId,
    deviceId,
    signer,
    credential,
    keyPackage: (lastResort = false) => newKeyPackage(credential, signer, lifetime, lastResort),
  };
}
