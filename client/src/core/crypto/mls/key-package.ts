// What others add a device with: public halves for the server's directory, private halves for the local vault.

import { generateKeyPackageWithKey, makeKeyPackageRef, type KeyPackage, type PrivateKeyPackage } from "ts-mls/keyPackage.js";
import { encodeMlsMessage } from "ts-mls/message.js";

import { decoded, MlsUnreadable } from "./decode.ts";
import type { SigningKey } from "./identity.ts";
import { suite, SUITE_NAME } from "./suite.ts";

/** A key package of our own. Everything in it but `message` and `ref` is secret. */
export interface OwnKeyPackage {
  /** The encoded MLSMessage to publish. */
  message: Uint8Array;
  /** What a Welcome calls it. */
  ref: Uint8Array;
  initKey: Uint8Array;
  leafKey: Uint8Array;
  signatureKey: Uint8Array;
}

/** `last_resort` (RFC 9420 section 17.3): used again and again when no other is left. */
const LAST_RESORT = 10;
const CAPABILITIES = {
  versions: ["mls10" as const],
  ciphersuites: [SUITE_NAME as typeof SUITE_NAME],
  extensions: [LAST_RESORT],
  proposals: [],
  credentials: ["basic" as const],
};

export interface Lifetime {
  /** Seconds since the epoch. */
  notBefore: number;
  notAfter: number;
}

export async function newKeyPackage(
  credential: Uint8Array,
  signer: SigningKey,
  lifetime: Lifetime,
  lastResort = false,
): Promise<OwnKeyPackage> {
  const cs = await suite();
  const made = await generateKeyPackageWithKey(
    { credentialType: "basic", identity: credential },
    CAPABILITIES,
    { notBefore: BigInt(lifetime.notBefore), notAfter: BigInt(lifetime.notAfter) },
    lastResort ? [{ extensionType: LAST_RESORT, extensionData: new Uint8Array() }] : [],
    { signKey: signer.secret, publicKey: signer.public },
    cs,
  );
  return {
    message: encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: made.publicPackage }),
    ref: await makeKeyPackageRef(made.publicPackage, cs.hash),
    initKey: made.privatePackage.initPrivateKey,
    leafKey: made.privatePackage.hpkePrivateKey,
    signatureKey: made.privatePackage.signaturePrivateKey,
  };
}

/** The library's form of somebody's published key package. Throws `MlsUnreadable`. */
export function readKeyPackage(message: Uint8Array): KeyPackage {
  const read = decoded(message);
  if (read.wireformat !== "mls_key_package") throw new MlsUnreadable("not a key package");
  return read.keyPackage;
}

export function privateHalf(own: OwnKeyPackage): PrivateKeyPackage {
  return { initPrivateKey: own.initKey, hpkePrivateKey: own.leafKey, signaturePrivateKey: own.signatureKey };
}
