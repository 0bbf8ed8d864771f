// AES-256-GCM with a fresh nonce in front: what is kept on this device, or handed to the server to keep.
//
// `about` says what a sealed value is and where it belongs. It is not stored: who opens it must know, so that one sealed
// value cannot be put in the place of another.

import { joined } from "../mls/bytes.ts";

const IV_BYTES = 12;
const encoder = new TextEncoder();
const subtle = crypto.subtle;

/** It was changed, belongs elsewhere, or the key is another one. */
export class SealBroken extends Error {
  override name = "SealBroken";
}

/** A key that nobody can read out, not even this page: for what stays on this device. */
export function newLocalKey(): Promise<CryptoKey> {
  return subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** A sealing key out of 32 secret bytes. */
export function keyFrom(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt", "decrypt"]);
}

export async function seal(key: CryptoKey, data: Uint8Array<ArrayBuffer>, about: string): Promise<Uint8Array<ArrayBuffer>> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const additionalData = encoder.encode(about);
  return joined(iv, new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, data)));
}

/** Throws `SealBroken`. */
export async function open(key: CryptoKey, sealed: Uint8Array, about: string): Promise<Uint8Array<ArrayBuffer>> {
  const [iv, data] = [sealed.slice(0, IV_BYTES), sealed.slice(IV_BYTES)];
  try {
    const additionalData = encoder.encode(about);
    return new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, data));
  } catch (error) {
    throw new SealBroken("a sealed value cannot be opened", { cause: error });
  }
}
