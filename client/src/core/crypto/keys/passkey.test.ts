import { expect, test } from "vitest";

import { isSecret, passkeySalt, unwrapByPasskey, wrapForPasskey, type PasskeyAnswer } from "./passkey.ts";
import { unwrap, wrap } from "./recovery.ts";
import { SealBroken } from "./sealing.ts";

const ASHA = "00000000-0000-7000-8000-000000000001";
const BALA = "00000000-0000-7000-8000-000000000002";
const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));
const what = { identitySecret: random(32), archiveKey: random(32) };
const answer = (more: Partial<PasskeyAnswer> = {}): PasskeyAnswer => ({ credentialId: "Y3JlZA", secret: random(32), ...more });

test("a passkey opens what was wrapped for it, each time it gives the same secret", async () => {
  const given = answer();
  const wrapped = await wrapForPasskey(given, ASHA, what);
  expect(await unwrapByPasskey({ ...given, secret: new Uint8Array(given.secret ?? []) }, ASHA, wrapped)).toEqual(what);
  for (const secret of [given.secret, what.identitySecret, what.archiveKey])
    expect(Buffer.from(wrapped).includes(Buffer.from(secret ?? []))).toBe(false);
});

test("nothing else does: another secret, another passkey, another person, a bit turned over, a piece missing", async () => {
  const given = answer();
  const wrapped = await wrapForPasskey(given, ASHA, what);
  await expect(unwrapByPasskey(answer(), ASHA, wrapped)).rejects.toThrow(SealBroken);
  await expect(unwrapByPasskey({ ...given, credentialId: "b3RoZXI" }, ASHA, wrapped)).rejects.toThrow(SealBroken);
  await expect(unwrapByPasskey(given, BALA, wrapped)).rejects.toThrow(SealBroken);
  for (let place = 0; place < wrapped.length; place += 1) {
    const bent = wrapped.map((byte, at) => (at === place ? byte ^ 1 : byte));
    await expect(unwrapByPasskey(given, ASHA, bent)).rejects.toThrow(SealBroken);
  }
  for (const length of [0, 11, 12, wrapped.length - 1])
    await expect(unwrapByPasskey(given, ASHA, wrapped.slice(0, length))).rejects.toThrow(SealBroken);
});

test("a code and a passkey are kept apart, even with the same secret", async () => {
  const given = answer();
  const secret = given.secret as Uint8Array<ArrayBuffer>;
  await expect(unwrap(secret, ASHA, await wrapForPasskey(given, ASHA, what))).rejects.toThrow(SealBroken);
  await expect(unwrapByPasskey(given, ASHA, await wrap(secret, ASHA, what))).rejects.toThrow(SealBroken);
});

test("what is no secret wraps nothing", async () => {
  for (const secret of [null, random(0), random(31), random(33), new Uint8Array(32)]) {
    expect(isSecret(secret)).toBe(false);
    await expect(wrapForPasskey(answer({ secret }), ASHA, what)).rejects.toThrow(SealBroken);
    await expect(unwrapByPasskey(answer({ secret }), ASHA, random(100))).rejects.toThrow(SealBroken);
  }
});

test("the salt is a person's own, and stays what it was: what was saved with it opens for years", async () => {
  const hex = async (userId: string): Promise<string> => Buffer.from(await passkeySalt(userId)).toString("hex");
  expect(await hex(ASHA)).toBe("9c54447f36a905afc3de701627da5dde1761aeb63ba3bbda933328b2acc6de91");
  expect(await hex(BALA)).not.toBe(await hex(ASHA));
});
