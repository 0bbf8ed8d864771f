// The one cipher suite: X25519 with ML-KEM-768 (X-Wing), AES-256-GCM, SHA-512, Ed25519.
//
// Made here of WebCrypto and a few small libraries instead of the MLS library's provider, which would bring every other
// suite into the bundle.

import { Aes256Gcm, CipherSuite, HkdfSha512 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import type { CiphersuiteImpl } from "ts-mls";
import { makeGenericHpke } from "ts-mls/crypto/implementation/hpke.js";

import { joined, plain } from "./bytes.ts";
import { kdf } from "./derive.ts";

export const SUITE_NAME = "MLS_256_XWING_AES256GCM_SHA512_Ed25519";
/** Its number on the wire, kept with every group: a later version may bring another. */
export const SUITE_ID = 83;

const subtle = crypto.subtle;
/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410 section 7). */
const PKCS8_HEAD = new Uint8Array([0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]);

async function aesGcm(key: Uint8Array, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return subtle.importKey("raw", plain(key), "AES-GCM", false, [usage]);
}

const aead = {
  encrypt: async (key: Uint8Array, iv: Uint8Array, aad: Uint8Array, data: Uint8Array) =>
    new Uint8Array(
      await subtle.encrypt({ name: "AES-GCM", iv: plain(iv), additionalData: plain(aad) }, await aesGcm(key, "encrypt"), plain(data)),
    ),
  decrypt: async (key: Uint8Array, iv: Uint8Array, aad: Uint8Array, data: Uint8Array) =>
    new Uint8Array(
      await subtle.decrypt({ name: "AES-GCM", iv: plain(iv), additionalData: plain(aad) }, await aesGcm(key, "decrypt"), plain(data)),
    ),
};

const macKey = (key: Uint8Array): Promise<CryptoKey> =>
  subtle.importKey("raw", plain(key), { name: "HMAC", hash: "SHA-512" }, false, ["sign", "verify"]);

const hash: CiphersuiteImpl["hash"] = {
  digest: async (data) => new Uint8Array(await subtle.digest("SHA-512", plain(data))),
  mac: async (key, data) => new Uint8Array(await subtle.sign("HMAC", await macKey(key), plain(data))),
  verifyMac: async (key, mac, data) => subtle.verify("HMAC", await macKey(key), plain(mac), plain(data)),
};

/** Keys as they stand in the tree of a group: each is asked for with every message of its device. */
const verifiers = new WeakMap<Uint8Array, Promise<CryptoKey | null>>();

function verifierOf(key: Uint8Array): Promise<CryptoKey | null> {
  const known = verifiers.get(key);
  if (known) return known;
  const made = subtle.importKey("raw", plain(key), "Ed25519", false, ["verify"]).catch(() => null);
  verifiers.set(key, made);
  return made;
}

/** Ed25519. A private key is its 32 bytes. */
export const signature: CiphersuiteImpl["signature"] = {
  sign: async (key, message) => {
    const signer = await subtle.importKey("pkcs8", joined(PKCS8_HEAD, key), "Ed25519", false, ["sign"]);
    return new Uint8Array(await subtle.sign("Ed25519", signer, plain(message)));
  },
  verify: async (key, message, signed) => {
    const verifier = await verifierOf(key);
    return verifier !== null && subtle.verify("Ed25519", verifier, plain(signed), plain(message));
  },
  keygen: async () => {
    const pair = (await subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
    const secret = new Uint8Array(await subtle.exportKey("pkcs8", pair.privateKey));
    return { signKey: secret.slice(-32), publicKey: new Uint8Array(await subtle.exportKey("raw", pair.publicKey)) };
  },
};

/** HPKE (RFC 9180) of the suite: for groups, and for a letter between two devices. */
export const transport = (): CipherSuite =>
  new CipherSuite({ kem: new XWing(), kdf: new HkdfSha512(), aead: new Aes256Gcm() });

async function make(): Promise<CiphersuiteImpl> {
  const algorithm = { kem: "X-Wing", kdf: "HKDF-SHA512", aead: "AES256GCM" } as const;
  return {
    name: SUITE_NAME,
    hash,
    signature,
    kdf,
    hpke: await makeGenericHpke(algorithm, aead, transport()),
    rng: { randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
  };
}

let made: Promise<CiphersuiteImpl> | undefined;

/** The suite, made once. */
export function suite(): Promise<CiphersuiteImpl> {
  made ??= make();
  return made;
}
