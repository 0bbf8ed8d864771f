// Who a leaf of a group speaks for: a device, certified by the identity key of its owner.
//
// The identity key (Ed25519) is made on a person's first device. It signs a certificate for each device; the certificate
// is the leaf's credential, so whoever sees the group sees which person each device belongs to, without the server's word.

import * as v from "valibot";

import { fromBase64, joined, toBase64 } from "./bytes.ts";
import { signature, SUITE_ID } from "./suite.ts";

export interface DeviceName {
  userId: string;
  deviceId: string;
}

/** What a device's certificate says. Keys are raw Ed25519, times seconds since the epoch. */
export interface Identity extends DeviceName {
  /** The person's identity key. */
  identityKey: Uint8Array;
  suite: number;
  expires: number;
}

export interface SigningKey {
  secret: Uint8Array;
  public: Uint8Array;
}

const CERTIFICATE = v.object({
  v: v.literal(1),
  user: v.pipe(v.string(), v.uuid()),
  device: v.pipe(v.string(), v.uuid()),
  key: v.pipe(v.string(), v.length(44)),
  suite: v.pipe(v.number(), v.integer()),
  expires: v.pipe(v.number(), v.integer(), v.minValue(0)),
  signature: v.pipe(v.string(), v.length(88)),
});

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Every part but the last has a fixed form without line breaks, so no two certificates share these bytes. */
function signed(of: Identity, signatureKey: Uint8Array): Uint8Array {
  const head = ["batiyoun device certificate 1", of.userId, of.deviceId, of.suite, of.expires].join("\n");
  return joined(encoder.encode(`${head}\n`), signatureKey);
}

export async function newSigningKey(): Promise<SigningKey> {
  const { signKey, publicKey } = await signature.keygen();
  return { secret: signKey, public: publicKey };
}

/** The credential of a device, signed by its owner's identity key. */
export async function certify(
  owner: SigningKey,
  device: { userId: string; deviceId: string; signatureKey: Uint8Array; expires: number },
): Promise<Uint8Array> {
  const { userId, deviceId, signatureKey, expires } = device;
  const identity: Identity = { userId, deviceId, identityKey: owner.public, suite: SUITE_ID, expires };
  const proof = await signature.sign(owner.secret, signed(identity, signatureKey));
  return encoder.encode(
    JSON.stringify({
      v: 1,
      user: userId,
      device: deviceId,
      key: toBase64(owner.public),
      suite: SUITE_ID,
      expires,
      signature: toBase64(proof),
    }),
  );
}

/**
 * What a device signs to come back under another sign-in (docs/reference/protocol.md): the server named the challenge,
 * and a certificate, which anybody can fetch, does not say who holds the key.
 */
export function proveReturn(of: DeviceName, secret: Uint8Array, challenge: Uint8Array): Promise<Uint8Array> {
  const head = ["batiyoun device return 1", of.userId, of.deviceId, ""].join("\n");
  return signature.sign(secret, joined(encoder.encode(head), challenge));
}

function parse(credential: Uint8Array): { identity: Identity; proof: Uint8Array } | null {
  try {
    const found = v.parse(CERTIFICATE, JSON.parse(decoder.decode(credential)));
    const { user, device, key, suite, expires } = found;
    const identity = { userId: user, deviceId: device, identityKey: fromBase64(key), suite, expires };
    return { identity, proof: fromBase64(found.signature) };
  } catch {
    return null;
  }
}

/** Who the credential names, without believing it; null for what is no certificate of ours. */
export function readIdentity(credential: Uint8Array): Identity | null {
  return parse(credential)?.identity ?? null;
}

/**
 * Whether the certificate is one for that signature key, under the identity key it names itself. Whether that key is the
 * person's is another question, which pinning answers; here it must not split groups. Nor does the time: a member whose
 * certificate ran out stays a member for everybody, or some would follow a commit that others refuse.
 */
export async function isCertified(credential: Uint8Array, signatureKey: Uint8Array): Promise<boolean> {
  const certificate = parse(credential);
  if (certificate === null || certificate.identity.suite !== SUITE_ID) return false;
  const { identity, proof } = certificate;
  return signature.verify(identity.identityKey, signed(identity, signatureKey), proof);
}

export function sameDevice(one: DeviceName, other: DeviceName): boolean {
  return one.userId === other.userId && one.deviceId === other.deviceId;
}
