// Bytes to the library's objects, whole or not at all.

import type { Decoder } from "ts-mls";
import { decodeMlsMessage, type MLSMessage } from "ts-mls/message.js";

/** Bytes that are not the MLS object they should be. */
export class MlsUnreadable extends Error {
  override name = "MlsUnreadable";
}

/** What the bytes hold, all of them. Throws `MlsUnreadable`. */
export function whole<T>(decode: Decoder<T>, bytes: Uint8Array, what: string): T {
  let found: [T, number] | undefined;
  try {
    found = decode(bytes, 0);
  } catch (error) {
    throw new MlsUnreadable(`not ${what}`, { cause: error });
  }
  if (found === undefined || found[1] !== bytes.length) throw new MlsUnreadable(`not ${what}`);
  return found[0];
}

/** One MLSMessage. Throws `MlsUnreadable`. */
export function decoded(bytes: Uint8Array): MLSMessage {
  return whole(decodeMlsMessage, bytes, "an MLS message");
}
