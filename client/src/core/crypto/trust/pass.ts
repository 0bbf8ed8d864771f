// What an invitation for one person carries to be known by again, and what that person proves with it.
//
// The secret is made of the inviter's archive key (RFC 5869), so every device of theirs can make it again from the nonce,
// and none has to keep it. The proof (RFC 2104) binds both people and both keys: it is worth nothing under another name, or
// for another key. It says that its maker had the link, and not who that is.

import type { Party } from "../keys/safety.ts";
import { joined, plain } from "../mls/bytes.ts";

export interface Pass {
  /** 16 bytes. */
  nonce: Uint8Array;
  /** 16 bytes. */
  secret: Uint8Array;
}

export interface Parties {
  inviter: Party;
  invited: Party;
}

const BYTES = 16;
const encoder = new TextEncoder();
const ABOUT = "batiyoun invitation 1";
const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** A new one, or the one of that nonce. */
export async function passOf(archiveKey: Uint8Array, nonce: Uint8Array = crypto.getRandomValues(new Uint8Array(BYTES))): Promise<Pass> {
  const key = await crypto.subtle.importKey("raw", plain(archiveKey), "HKDF", false, ["deriveBits"]);
  const made = { name: "HKDF", hash: "SHA-256", salt: plain(nonce), info: encoder.encode(ABOUT) };
  return { nonce, secret: new Uint8Array(await crypto.subtle.deriveBits(made, key, 8 * BYTES)) };
}

export async function prove({ secret }: Pass, parties: Parties): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", await keyOf(secret), wordsOf(parties)));
}

/** In constant time, as WebCrypto compares. */
export async function isProved({ secret }: Pass, proof: Uint8Array, parties: Parties): Promise<boolean> {
  return crypto.subtle.verify("HMAC", await keyOf(secret), plain(proof), wordsOf(parties));
}

const keyOf = (secret: Uint8Array): Promise<CryptoKey> => crypto.subtle.importKey("raw", plain(secret), HMAC, false, ["sign", "verify"]);

const wordsOf = ({ inviter, invited }: Parties): Uint8Array<ArrayBuffer> =>
  joined(encoder.encode(`${ABOUT}\n${inviter.userId}\n${invited.userId}\n`), inviter.identityKey, invited.identityKey);
