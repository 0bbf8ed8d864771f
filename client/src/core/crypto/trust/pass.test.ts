// What an invited person proves, and what proves nothing.

import { expect, test } from "vitest";

import { isProved, passOf, prove } from "./pass.ts";

const [ASHA, BELA, CHITRA] = [1, 2, 3].map((number) => ({
  userId: `01a20428-0000-7000-8000-00000000000${number}`,
  identityKey: new Uint8Array(32).fill(number),
})) as [Party, Party, Party];
type Party = { userId: string; identityKey: Uint8Array };
const ARCHIVE = new Uint8Array(32).fill(7);
const parties = { inviter: ASHA, invited: BELA };

test("every device with the archive key makes the same secret of a nonce, and no other key does", async () => {
  const pass = await passOf(ARCHIVE);
  expect([pass.nonce.length, pass.secret.length]).toEqual([16, 16]);
  expect(await passOf(ARCHIVE, pass.nonce)).toEqual(pass);
  expect((await passOf(ARCHIVE)).nonce).not.toEqual(pass.nonce);
  expect((await passOf(new Uint8Array(32).fill(8), pass.nonce)).secret).not.toEqual(pass.secret);
});

test("who had the link proves it, under their own name and key alone", async () => {
  const pass = await passOf(ARCHIVE);
  const proof = await prove(pass, parties);
  expect(await isProved(await passOf(ARCHIVE, pass.nonce), proof, parties)).toBe(true);
  for (const other of [
    { inviter: ASHA, invited: CHITRA },
    { inviter: ASHA, invited: { ...BELA, identityKey: CHITRA.identityKey } },
    { inviter: ASHA, invited: { ...BELA, userId: CHITRA.userId } },
    { inviter: CHITRA, invited: BELA },
    { inviter: BELA, invited: ASHA },
  ])
    expect(await isProved(pass, proof, other)).toBe(false);
  expect(await isProved(await passOf(ARCHIVE), proof, parties)).toBe(false);
  expect(await isProved(pass, proof.slice(1), parties)).toBe(false);
  expect(await isProved(pass, new Uint8Array(0), parties)).toBe(false);
});
