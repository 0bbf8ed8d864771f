import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fromBase64, toBase64 } from "./bytes.ts";
import {
  ContentRefused,
  decodeCapsule,
  encodeAddress,
  encodeCapsule,
  isAddressedTo,
  openContent,
  sealContent,
} from "./content.ts";

const ADDRESS = { chatId: "c", senderId: "s", clientId: "m-1" };

describe("content", () => {
  it("comes back as it was, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (body) => {
        const { content, iv, capsule } = await sealContent(body);
        const carried = decodeCapsule(encodeCapsule(capsule));
        expect(JSON.stringify(await openContent(content, iv, carried))).toBe(JSON.stringify(body));
      }),
      { numRuns: 60 },
    );
  });

  it("says little of its length", async () => {
    const sizes = await Promise.all(
      [1, 20, 100, 200, 230, 240, 1_000].map(async (length) => fromBase64((await sealContent("x".repeat(length))).content).length - 16),
    );
    expect(sizes).toEqual([128, 128, 128, 256, 256, 256, 1_024]);
  });

  it("never has the same key, iv or ciphertext twice", async () => {
    const made = await Promise.all(Array.from({ length: 50 }, () => sealContent("the same words")));
    for (const part of [made.map((each) => each.content), made.map((each) => each.iv), made.map((each) => toBase64(each.capsule.key))]) {
      expect(new Set(part).size).toBe(50);
    }
  });

  it("is refused when anything of it was changed", async () => {
    const one = await sealContent({ t: "text", text: "ten rupees" });
    const other = await sealContent({ t: "text", text: "ten lakhs" });
    const bytes = fromBase64(one.content);
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    const cases: [string, string, typeof one.capsule][] = [
      [toBase64(bytes), one.iv, one.capsule],
      [other.content, other.iv, one.capsule],
      [one.content, other.iv, one.capsule],
      [one.content, one.iv, other.capsule],
      // The key opens it, but it is not the ciphertext that the sender committed to.
      [other.content, other.iv, { key: other.capsule.key, digest: one.capsule.digest }],
      ["", "", one.capsule],
      ["not base64!", one.iv, one.capsule],
    ];
    for (const [content, iv, capsule] of cases) {
      await expect(openContent(content, iv, capsule)).rejects.toThrow(ContentRefused);
    }
  });

  it("refuses what is no message key", () => {
    for (const data of ["", "{}", '{"v":2}', '{"v":1,"k":"","h":""}', "\u0000"]) {
      expect(() => decodeCapsule(new TextEncoder().encode(data))).toThrow(ContentRefused);
    }
    expect(() => decodeCapsule(new Uint8Array([0xff, 0xfe]))).toThrow(ContentRefused);
  });

  it("is bound to its chat, sender and number", () => {
    const bound = encodeAddress(ADDRESS);
    expect(isAddressedTo(bound, ADDRESS)).toBe(true);
    expect(isAddressedTo(bound, { ...ADDRESS, chatId: "d" })).toBe(false);
    expect(isAddressedTo(bound, { ...ADDRESS, senderId: "t" })).toBe(false);
    expect(isAddressedTo(bound, { ...ADDRESS, clientId: "m-2" })).toBe(false);
    expect(isAddressedTo(new Uint8Array(), ADDRESS)).toBe(false);
  });
});
