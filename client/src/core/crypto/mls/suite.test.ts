import * as fc from "fast-check";
import { expect, test } from "vitest";

import { kdf as small } from "./derive-small.ts";
import { kdf } from "./derive.ts";
import { suite } from "./suite.ts";

const some = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => Uint8Array.from(bytes));

test("keys are derived as WebCrypto derives them (RFC 5869), also in the service worker", async () => {
  expect([kdf.size, small.size]).toEqual([64, 64]);
  await fc.assert(
    fc.asyncProperty(some(64, 64), some(0, 80), some(0, 200), fc.integer({ min: 1, max: 300 }), async (salt, secret, info, length) => {
      const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
      const asked = { name: "HKDF", hash: "SHA-512", salt, info };
      const expected = new Uint8Array(await crypto.subtle.deriveBits(asked, key, length * 8));
      for (const each of [kdf, small]) expect(await each.expand(await each.extract(salt, secret), info, length)).toEqual(expected);
    }),
  );
});

test("who signed is found out, also when the same key is asked for again", async () => {
  const { signature } = await suite();
  const [{ signKey, publicKey }, other] = [await signature.keygen(), await signature.keygen()];
  const message = new TextEncoder().encode("let's talk");
  const signed = await signature.sign(signKey, message);
  const verdicts = [
    await signature.verify(publicKey, message, signed),
    await signature.verify(publicKey, message, signed),
    await signature.verify(publicKey, new TextEncoder().encode("let us talk"), signed),
    await signature.verify(other.publicKey, message, signed),
    await signature.verify(new Uint8Array(31), message, signed),
  ];
  expect(verdicts).toEqual([true, true, false, false, false]);
});
