// The recovery code: 128 bits that a person can write down, and what it opens.
//
// 26 letters of Crockford's Base32 and two that find slips of the pen, in seven groups of four. The code never leaves the
// device; the server keeps what it wraps, and learns nothing from it.

import * as v from "valibot";

import { plain } from "../mls/bytes.ts";
import { pack, unpack } from "./packed.ts";
import { keyFrom, open, seal, SealBroken } from "./sealing.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_BYTES = 16;
const LETTERS = 26;
const CHECKS = 2;
const ABOUT = "batiyoun recovery 1";
const subtle = crypto.subtle;
const encoder = new TextEncoder();

/** What must survive the loss of every device. */
export interface Recoverable {
  /** The secret half of the person's identity key. */
  identitySecret: Uint8Array;
  /** Opens the archive of message keys. */
  archiveKey: Uint8Array;
}

/** The code as typed is not one: a slip, or something missing. */
export class NotACode extends Error {
  override name = "NotACode";
}

export function newRecoverySecret(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(CODE_BYTES));
}

async function checks(secret: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await subtle.digest("SHA-256", secret));
  return [...digest.subarray(0, CHECKS)].map((byte) => ALPHABET[byte & 31]).join("");
}

/** The code to write down: `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`. */
export async function formatCode(secret: Uint8Array<ArrayBuffer>): Promise<string> {
  // 128 bits are 25 letters and three bits: two zero bits fill the last letter.
  let bits = 0n;
  for (const byte of secret) bits = (bits << 8n) | BigInt(byte);
  bits <<= 2n;
  let letters = "";
  for (let place = LETTERS - 1; place >= 0; place -= 1) letters += ALPHABET[Number((bits >> BigInt(5 * place)) & 31n)];
  const all = letters + (await checks(secret));
  return (all.match(/.{4}/g) ?? []).join("-");
}

/** The secret of a code, however it was typed: small letters, spaces, O for 0, I or L for 1. Throws `NotACode`. */
export async function parseCode(typed: string): Promise<Uint8Array<ArrayBuffer>> {
  const letters = typed.normalize("NFKC").toUpperCase().replaceAll(/[\s\-‐-―]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  if (letters.length !== LETTERS + CHECKS) throw new NotACode("another length");
  let bits = 0n;
  for (const letter of letters.slice(0, LETTERS)) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) throw new NotACode("a letter that no code has");
    bits = (bits << 5n) | BigInt(value);
  }
  if ((bits & 3n) !== 0n) throw new NotACode("bits too many");
  bits >>= 2n;
  const secret = new Uint8Array(CODE_BYTES);
  for (let place = CODE_BYTES - 1; place >= 0; place -= 1) {
    secret[place] = Number(bits & 255n);
    bits >>= 8n;
  }
  if ((await checks(secret)) !== letters.slice(LETTERS)) throw new NotACode("a slip of the pen");
  return secret;
}

/** Whose keys, which kind of secret opens them, and, where a person has several of the kind, which. */
export interface Lock {
  userId: string;
  kind: string;
  which?: string;
}

const ofCode = (userId: string): Lock => ({ userId, kind: ABOUT });
const aboutOf = ({ userId, kind, which }: Lock): string => [`${kind} ${userId}`, ...(which === undefined ? [] : [which])].join("\n");

/** HKDF is enough: the secret is at least 128 random bits, not a password that could be guessed. */
async function wrappingKey(secret: Uint8Array<ArrayBuffer>, { userId, kind }: Lock): Promise<CryptoKey> {
  const base = await subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const salt = encoder.encode(userId);
  const bits = await subtle.deriveBits({ name: "HKDF", hash: "SHA-512", salt, info: encoder.encode(kind) }, base, 256);
  return keyFrom(new Uint8Array(bits));
}

const RECOVERABLE = v.object({
  identitySecret: v.pipe(v.instance(Uint8Array), v.length(32)),
  archiveKey: v.pipe(v.instance(Uint8Array), v.length(32)),
});

/** For the server to keep. */
export async function lockUp(secret: Uint8Array<ArrayBuffer>, lock: Lock, what: Recoverable): Promise<Uint8Array<ArrayBuffer>> {
  const { identitySecret, archiveKey } = what;
  return seal(await wrappingKey(secret, lock), pack({ identitySecret, archiveKey }), aboutOf(lock));
}

/** Throws `SealBroken` for another secret, another lock, or changed bytes: the same for all of them. */
export async function unlock(secret: Uint8Array<ArrayBuffer>, lock: Lock, wrapped: Uint8Array): Promise<Recoverable> {
  const data = await open(await wrappingKey(secret, lock), wrapped, aboutOf(lock));
  const found = v.safeParse(RECOVERABLE, unpack(data));
  if (!found.success) throw new SealBroken("a sealed value of another form");
  return { identitySecret: plain(found.output.identitySecret), archiveKey: plain(found.output.archiveKey) };
}

/** What the code opens, for the server to keep. */
export const wrap = (secret: Uint8Array<ArrayBuffer>, userId: string, what: Recoverable): Promise<Uint8Array<ArrayBuffer>> =>
  lockUp(secret, ofCode(userId), what);

/** Throws `SealBroken` for another person's code, an old one, or changed bytes: the same for all of them. */
export const unwrap = (secret: Uint8Array<ArrayBuffer>, userId: string, wrapped: Uint8Array): Promise<Recoverable> =>
  unlock(secret, ofCode(userId), wrapped);
