// What a message says, sealed for one message alone.
//
// The body is encrypted under a key of its own; the group's ratchet carries only that key and a commitment to the
// ciphertext. So history, archive and attachments need message keys and nothing of the group, and a message can be made
// again for another epoch without touching what was stored. AES-GCM alone does not commit to its key; the digest does.

import * as v from "valibot";

import { equal, fromBase64, joined, plain, toBase64 } from "./bytes.ts";

const KEY_BYTES = 32;
const IV_BYTES = 12;
/** Short bodies are padded to this, longer ones to the next power of two: their length says little. */
const SMALLEST = 128;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const subtle = crypto.subtle;

/** What the server keeps of a message, and what only the group may know. */
export interface SealedContent {
  /** Base64. */
  content: string;
  /** Base64 of 12 bytes. */
  iv: string;
  /** To be sent through the group. */
  capsule: Capsule;
}

/** What travels inside the group's own encryption. */
export interface Capsule {
  key: Uint8Array;
  /** SHA-256 of the ciphertext. */
  digest: Uint8Array;
}

/** Who says it, where, and as which message: bound to the ciphertext by the group's encryption. */
export interface Address {
  chatId: string;
  senderId: string;
  clientId: string;
}

/** The content does not belong to its key: changed on the way, or opened with another message's key. */
export class ContentRefused extends Error {
  override name = "ContentRefused";
}

function padded(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, data.length);
  const needed = data.length + length.length;
  const size = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(needed)));
  return joined(length, data, new Uint8Array(size - needed));
}

function unpadded(data: Uint8Array): Uint8Array {
  if (data.length < 4) throw new ContentRefused("too short");
  const length = new DataView(data.buffer, data.byteOffset).getUint32(0);
  if (length > data.length - 4) throw new ContentRefused("a length past the end");
  return data.subarray(4, 4 + length);
}

/** The body under a fresh key. */
export async function sealContent(body: unknown): Promise<SealedContent> {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealer = await subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const data = padded(encoder.encode(JSON.stringify(body)));
  const sealed = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv }, sealer, data));
  const digest = new Uint8Array(await subtle.digest("SHA-256", sealed));
  return { content: toBase64(sealed), iv: toBase64(iv), capsule: { key, digest } };
}

/** What was sealed. Throws `ContentRefused`, whatever was done to it on the way. */
export async function openContent(content: string, iv: string, capsule: Capsule): Promise<unknown> {
  try {
    const sealed = fromBase64(content);
    const digest = new Uint8Array(await subtle.digest("SHA-256", sealed));
    if (!equal(digest, capsule.digest)) throw new ContentRefused("another content than the sender's");
    const opener = await subtle.importKey("raw", plain(capsule.key), "AES-GCM", false, ["decrypt"]);
    const data = new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv: fromBase64(iv) }, opener, sealed));
    return JSON.parse(decoder.decode(unpadded(data)));
  } catch (error) {
    throw error instanceof ContentRefused ? error : new ContentRefused("cannot be opened", { cause: error });
  }
}

// ── what the group's encryption carries ───────────────────────────────────────────────────────────────────────────────

const CAPSULE = v.object({
  v: v.literal(1),
  k: v.pipe(v.string(), v.length(44)),
  h: v.pipe(v.string(), v.length(44)),
});

export function encodeCapsule(capsule: Capsule): Uint8Array {
  return encoder.encode(JSON.stringify({ v: 1, k: toBase64(capsule.key), h: toBase64(capsule.digest) }));
}

/** Throws `ContentRefused`. */
export function decodeCapsule(data: Uint8Array): Capsule {
  try {
    const found = v.parse(CAPSULE, JSON.parse(decoder.decode(data)));
    return { key: fromBase64(found.k), digest: fromBase64(found.h) };
  } catch (error) {
    throw new ContentRefused("no message key", { cause: error });
  }
}

/** The authenticated data of a message: ids hold no line breaks, so no two addresses share these bytes. */
export function encodeAddress({ chatId, senderId, clientId }: Address): Uint8Array {
  return encoder.encode(["batiyoun message 1", chatId, senderId, clientId].join("\n"));
}

/** Whether a message was written for exactly this place; otherwise the server has moved it. */
export function isAddressedTo(authenticatedData: Uint8Array, address: Address): boolean {
  return equal(authenticatedData, encodeAddress(address));
}
