// What an invitation's link carries behind "#": the identity key of whoever made it. Servers never see a fragment, so it
// comes to the invited person by another way than what the server says of the inviter's keys.

import { fromBase64, toBase64 } from "../mls/bytes.ts";

/** The version, and 32 bytes in URL-safe base64. */
const FRAGMENT = /^k1\.([0-9A-Za-z_-]{43})$/;

export function writeInvitation(key: Uint8Array): string {
  return `k1.${toBase64(key).replaceAll("+", "-").replaceAll("/", "_").replace("=", "")}`;
}

/** Null for what is no fragment of ours, or of a version that is not known here. */
export function readInvitation(fragment: string): Uint8Array | null {
  const text = FRAGMENT.exec(fragment)?.[1];
  return text === undefined ? null : fromBase64(`${text.replaceAll("-", "+").replaceAll("_", "/")}=`);
}
