// The safety number: whether two people see each other's real identity keys, in 60 digits that can be read aloud.

import { equal, fromBase64, joined, plain, toBase64 } from "../mls/bytes.ts";

const DIGITS = 30;
const GROUP = 5;
/** Makes it dear to search for a key whose digits look alike; a tenth of a second here. */
const ROUNDS = 100_000;
const encoder = new TextEncoder();
const subtle = crypto.subtle;

/** Somebody's identity, as one device sees it. */
export interface Party {
  userId: string;
  identityKey: Uint8Array;
}

async function fingerprint({ userId, identityKey }: Party): Promise<Uint8Array> {
  const base = await subtle.importKey("raw", plain(identityKey), "PBKDF2", false, ["deriveBits"]);
  const salt = encoder.encode(`batiyoun safety number 1\n${userId}`);
  const bits = await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-512", salt, iterations: ROUNDS }, base, 8 * DIGITS);
  return new Uint8Array(bits);
}

function digitsOf(bytes: Uint8Array): string {
  let digits = "";
  for (let start = 0; start < DIGITS; start += GROUP) {
    let value = 0n;
    for (const byte of bytes.subarray(start, start + GROUP)) value = (value << 8n) | BigInt(byte);
    digits += String(value % 100_000n).padStart(GROUP, "0");
  }
  return digits;
}

/** Twelve groups of five digits, the same on both sides. */
export async function safetyNumber(one: Party, other: Party): Promise<string[]> {
  const [first, second] = one.userId < other.userId ? [one, other] : [other, one];
  const digits = digitsOf(await fingerprint(first)) + digitsOf(await fingerprint(second));
  return digits.match(/.{5}/g) ?? [];
}

/** What a QR code shows: oneself and the other, exactly; a camera compares more than an eye. */
export function safetyCode(own: Party, other: Party): string {
  const text = (party: Party): Uint8Array => joined(encoder.encode(`${party.userId}\n`), party.identityKey);
  return `batiyoun:verify:1:${toBase64(joined(text(own), text(other)))}`;
}

export type Comparison = "same" | "different" | "not_a_code";

/** What the other's code says, seen by `own` who believes to see `other`. */
export function compareCode(scanned: string, own: Party, other: Party): Comparison {
  const [scheme, kind, version, data] = scanned.split(":");
  if (scheme !== "batiyoun" || kind !== "verify" || version !== "1" || data === undefined) return "not_a_code";
  try {
    const expected = safetyCode(other, own).split(":")[3] ?? "";
    return equal(fromBase64(data), fromBase64(expected)) ? "same" : "different";
  } catch {
    return "not_a_code";
  }
}
