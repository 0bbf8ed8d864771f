import * as fc from "fast-check";
import { expect, test } from "vitest";

import { formatLink, LinkBroken, meet, newOffer, NotALinkCode, parseLink, qrOf, type Offer } from "./linking.ts";
import { newPersonKeys } from "./own.ts";

const ASHA = "00000000-0000-7000-8000-000000000001";
const BALA = "00000000-0000-7000-8000-000000000002";

/** The same bytes with one bit turned over. */
const bent = (bytes: Uint8Array, place: number): Uint8Array => bytes.map((byte, at) => (at === place ? byte ^ 1 : byte));

async function met(offer: Offer, typed = formatLink(offer.code)) {
  const meeting = await meet(ASHA, parseLink(typed));
  return { meeting, newcomer: await meeting.read(offer.letter) };
}

test("what the old device hands over is what the new one gets, and both show the same six digits", async () => {
  const [offer, keys] = [await newOffer(ASHA, "Firefox on Linux"), await newPersonKeys()];
  const { meeting, newcomer } = await met(offer);
  expect(meeting.mailbox).toBe(offer.mailbox);
  expect(meeting.answerAt).toBe(offer.waitAt);
  expect(newcomer).toMatchObject({ name: "Firefox on Linux", digits: offer.digits });
  expect(offer.digits).toMatch(/^\d{6}$/);
  expect(await offer.open(await newcomer.answer(keys))).toEqual(keys);
});

test("mailboxes are names that the server takes, and nothing in them or in the letters says the code or the keys", async () => {
  const [offer, keys] = [await newOffer(ASHA, "Phone"), await newPersonKeys()];
  const { newcomer } = await met(offer);
  for (const name of [offer.mailbox, offer.waitAt]) expect(name).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
  expect(offer.mailbox).not.toBe(offer.waitAt);
  const seen = [offer.letter, await newcomer.answer(keys)].map((letter) => Buffer.from(letter));
  const secrets = [keys.identity.secret, keys.archiveKey, Buffer.from(offer.code), Buffer.from("Phone")];
  for (const secret of secrets) for (const letter of seen) expect(letter.includes(Buffer.from(secret))).toBe(false);
});

test("a code is read however it was typed, or scanned", async () => {
  const { code } = await newOffer(ASHA, "Phone");
  const typed = formatLink(code).toLowerCase().replaceAll("0", "o").replaceAll("1", "l").replaceAll(" ", " - ");
  expect([parseLink(typed), parseLink(qrOf(code)), parseLink(` ${code}\n`)]).toEqual([code, code, code]);
});

test("what is no code is refused", () => {
  fc.assert(fc.property(fc.string({ maxLength: 19 }), (text) => void expect(() => parseLink(text)).toThrow(NotALinkCode)));
  for (const wrong of ["U".repeat(20), `batiyoun:verify:1:${"A".repeat(20)}`, "A".repeat(28)])
    expect(() => parseLink(wrong)).toThrow(NotALinkCode);
});

test("test_47_a slip in the code leads to another mailbox, and opens nothing", async () => {
  const offer = await newOffer(ASHA, "Phone");
  const slip = (offer.code.startsWith("A") ? "B" : "A") + offer.code.slice(1);
  const meeting = await meet(ASHA, slip);
  expect(meeting.mailbox).not.toBe(offer.mailbox);
  await expect(meeting.read(offer.letter)).rejects.toThrow(LinkBroken);
});

test("test_47_another person's code leads nowhere, even with their letter", async () => {
  const offer = await newOffer(BALA, "Phone");
  const meeting = await meet(ASHA, offer.code);
  expect(meeting.mailbox).not.toBe(offer.mailbox);
  await expect(meeting.read(offer.letter)).rejects.toThrow(LinkBroken);
});

test("test_47_a letter that was changed on the way is refused on both sides", async () => {
  const [offer, keys] = [await newOffer(ASHA, "Phone"), await newPersonKeys()];
  const { meeting, newcomer } = await met(offer);
  for (const place of [0, 20, offer.letter.length - 1])
    await expect(meeting.read(bent(offer.letter, place))).rejects.toThrow(LinkBroken);
  const answer = await newcomer.answer(keys);
  for (const place of [0, 1_119, 1_120, answer.length - 1])
    await expect(offer.open(bent(answer, place))).rejects.toThrow(LinkBroken);
  for (const short of [new Uint8Array(), answer.slice(0, 100), answer.slice(0, 1_120)])
    await expect(offer.open(short)).rejects.toThrow(LinkBroken);
});

test("test_47_a key that the code does not name is not sealed for, though whoever put it there knows the code", async () => {
  const [offer, other] = [await newOffer(ASHA, "Phone"), await newOffer(ASHA, "Phone")];
  const { newcomer } = await met(other);
  // The code's chance with somebody else's key: its letter does not even open, and its hash is another.
  const mixed = offer.code.slice(0, 8) + other.code.slice(8);
  await expect((await meet(ASHA, mixed)).read(other.letter)).rejects.toThrow(LinkBroken);
  // What was meant for one new device opens nothing on another: nobody can play it again.
  await expect(offer.open(await newcomer.answer(await newPersonKeys()))).rejects.toThrow(LinkBroken);
});

test("test_47_halves that do not belong together are refused", async () => {
  const offer = await newOffer(ASHA, "Phone");
  const { newcomer } = await met(offer);
  const [one, two] = [await newPersonKeys(), await newPersonKeys()];
  const answer = await newcomer.answer({ ...one, identity: { secret: one.identity.secret, public: two.identity.public } });
  await expect(offer.open(answer)).rejects.toThrow(LinkBroken);
});
