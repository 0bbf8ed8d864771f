// What `derive.ts` is, of what is in the bundle anyway: WebCrypto's, as HPKE uses it.

import { HkdfSha512 } from "@hpke/core";
import type { CiphersuiteImpl } from "ts-mls";

import { plain } from "./bytes.ts";

const hkdf = new HkdfSha512();

export const kdf: CiphersuiteImpl["kdf"] = {
  extract: async (salt, secret) => new Uint8Array(await hkdf.extract(plain(salt).slice().buffer, plain(secret).slice().buffer)),
  expand: async (key, info, length) =>
    new Uint8Array(await hkdf.expand(plain(key).slice().buffer, plain(info).slice().buffer, length)),
  size: hkdf.hashSize,
};
