// HKDF with SHA-512 (RFC 5869), which every message takes five times. Not WebCrypto's: that answers from another thread, and
// the two ways there and back, for a key and for a block, take longer than the four rounds of SHA-512.
//
// The service worker has `derive-small.ts` in its place: it encrypts a few messages, and is to stay small.

import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import type { CiphersuiteImpl } from "ts-mls";

import { plain } from "./bytes.ts";

export const kdf: CiphersuiteImpl["kdf"] = {
  extract: async (salt, secret) => extract(sha512, plain(secret), plain(salt)),
  expand: async (key, info, length) => expand(sha512, plain(key), plain(info), length),
  size: sha512.outputLen,
};
