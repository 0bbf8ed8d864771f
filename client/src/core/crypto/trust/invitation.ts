// What an invitation's link carries behind "#": the identity key of whoever made it, and, where it is for one person, what
// that one can prove with to have had it. Servers never see a fragment, so it comes to the invited person by another way
// than what the server says of the inviter's keys.

import { fromBase64, joined, toBase64 } from "../mls/bytes.ts";
import type { Pass } from "./pass.ts";

/** The version, and in URL-safe base64 32 bytes, or 32, 16 and 16. */
const FRAGMENT = /^k(?:1\.([0-9A-Za-z_-]{43})|2\.([0-9A-Za-z_-]{86}))$/;
const KEY = 32;
const NONCE = 16;

export interface Told {
  key: Uint8Array;
  /** null: the link is for several, or of an earlier version. */
  pass: Pass | null;
}

export function writeInvitation(key: Uint8Array, pass: Pass | null): string {
  const bytes = pass ? joined(key, pass.nonce, pass.secret) : key;
  return `k${pass ? 2 : 1}.${toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** Null for what is no fragment of ours, or of a version that is not known here. */
export function readInvitation(fragment: string): Told | null {
  const found = FRAGMENT.exec(fragment);
  const text = found?.[1] ?? found?.[2];
  if (text === undefined) return null;
  const bytes = fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
  const key = bytes.slice(0, KEY);
  if (bytes.length === KEY) return { key, pass: null };
  return { key, pass: { nonce: bytes.slice(KEY, KEY + NONCE), secret: bytes.slice(KEY + NONCE) } };
}
