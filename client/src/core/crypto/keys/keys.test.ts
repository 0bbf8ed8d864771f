import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { newSigningKey } from "../mls/identity.ts";
import { openBatch, sealBatch } from "./archive.ts";
import { pack, unpack, type Packable } from "./packed.ts";
import { formatCode, newRecoverySecret, NotACode, parseCode, unwrap, wrap } from "./recovery.ts";
import { compareCode, safetyCode, safetyNumber, type Party } from "./safety.ts";
import { keyFrom, newLocalKey, open, seal, SealBroken } from "./sealing.ts";

const random = (count: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(count));
const ASHA = "00000000-0000-7000-8000-000000000001";
const BALA = "00000000-0000-7000-8000-000000000002";

describe("packing", () => {
  const value = fc.letrec<{ value: Packable }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string({ minLength: 1, unit: "grapheme-ascii" }), tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;

  it("gives back what it was given, bytes included", () => {
    fc.assert(
      fc.property(value, (some) => {
        fc.pre(!JSON.stringify(some).includes("__proto__"));
        expect(unpack(pack(some))).toEqual(some);
      }),
    );
  });

  it("refuses what was cut", () => {
    const whole = pack({ state: random(20), status: "joined" });
    for (let end = 0; end < whole.length; end += 1) expect(() => unpack(whole.subarray(0, end))).toThrow(/./);
  });
});

describe("sealing", () => {
  it("opens only whole, in its place, with its key", async () => {
    const [key, other] = [await newLocalKey(), await newLocalKey()];
    const data = random(50);
    const sealed = await seal(key, data, "a record");
    expect(await open(key, sealed, "a record")).toEqual(data);
    await expect(open(other, sealed, "a record")).rejects.toThrow(SealBroken);
    await expect(open(key, sealed, "another record")).rejects.toThrow(SealBroken);
    await expect(open(key, sealed.slice(0, -1), "a record")).rejects.toThrow(SealBroken);
    await expect(open(key, new Uint8Array(), "a record")).rejects.toThrow(SealBroken);
    await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow(/extractable/);
  });

  it("never seals the same twice alike", async () => {
    const [key, data] = [await newLocalKey(), random(10)];
    const made = await Promise.all(Array.from({ length: 40 }, async () => Buffer.from(await seal(key, data, "x")).toString("hex")));
    expect(new Set(made).size).toBe(40);
    expect(new Set(made.map((hex) => hex.slice(0, 24))).size).toBe(40);
  });
});

describe("the recovery code", () => {
  it("comes back however it is typed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 16, maxLength: 16 }), async (bytes) => {
        const secret = new Uint8Array(bytes);
        const code = await formatCode(secret);
        expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
        for (const typed of [code, code.toLowerCase(), code.replaceAll("-", " "), ` ${code.replaceAll("0", "o").replaceAll("1", "l")}\n`]) {
          expect(await parseCode(typed)).toEqual(secret);
        }
      }),
    );
  });

  it("finds slips of the pen", async () => {
    const code = await formatCode(newRecoverySecret());
    let found = 0;
    for (let place = 0; place < code.length; place += 1) {
      if (code[place] === "-") continue;
      const wrong = `${code.slice(0, place)}${code[place] === "7" ? "8" : "7"}${code.slice(place + 1)}`;
      found += await parseCode(wrong).then(
        () => 0,
        (error: unknown) => Number(error instanceof NotACode),
      );
    }
    expect(found).toBeGreaterThanOrEqual(27);
    for (const wrong of ["", "ABCD", code.slice(1), `${code}A`, code.replace(/./, "U"), code.replace(/./, "é")]) {
      await expect(parseCode(wrong)).rejects.toThrow(NotACode);
    }
  });

  it("opens what was wrapped for this person, and nothing else", async () => {
    const what = { identitySecret: random(32), archiveKey: random(32) };
    const secret = newRecoverySecret();
    const wrapped = await wrap(secret, ASHA, what);
    expect(await unwrap(secret, ASHA, wrapped)).toEqual(what);
    await expect(unwrap(newRecoverySecret(), ASHA, wrapped)).rejects.toThrow(SealBroken);
    await expect(unwrap(secret, BALA, wrapped)).rejects.toThrow(SealBroken);
  });
});

describe("the safety number", () => {
  const party = async (userId: string): Promise<Party> => ({ userId, identityKey: (await newSigningKey()).public });

  it("is the same on both sides and another with another key", async () => {
    const [asha, bala, again] = [await party(ASHA), await party(BALA), await party(BALA)];
    const number = await safetyNumber(asha, bala);
    expect(number).toHaveLength(12);
    expect(number.join("")).toMatch(/^\d{60}$/);
    expect(await safetyNumber(bala, asha)).toEqual(number);
    const changed = await safetyNumber(asha, again);
    expect(changed.slice(0, 6)).toEqual(number.slice(0, 6));
    expect(changed.slice(6)).not.toEqual(number.slice(6));
  });

  it("stays what it was: people have compared it", async () => {
    const [one, two] = [ASHA, BALA].map((userId, place) => ({ userId, identityKey: new Uint8Array(32).fill(place + 1) })) as [Party, Party];
    expect((await safetyNumber(one, two)).join(" ")).toMatchInlineSnapshot(`"91842 96787 98197 38298 33304 34022 99234 98362 64964 30351 88952 47148"`);
  });

  it("is compared by camera", async () => {
    const [asha, bala, mallory] = [await party(ASHA), await party(BALA), await party(BALA)];
    expect(compareCode(safetyCode(bala, asha), asha, bala)).toBe("same");
    expect(compareCode(safetyCode(mallory, asha), asha, bala)).toBe("different");
    expect(compareCode(safetyCode(asha, bala), asha, bala)).toBe("different");
    for (const other of ["", "https://example.org", "batiyoun:verify:2:AAAA", "batiyoun:verify:1:%%%"]) {
      expect(compareCode(other, asha, bala)).toBe("not_a_code");
    }
  });
});

describe("the archive", () => {
  it("opens a batch in its place only", async () => {
    const key = await keyFrom(random(32));
    const keys = [{ senderId: ASHA, clientId: "m-1", capsule: { key: random(32), digest: random(32) } }];
    const sealed = await sealBatch(key, "chat", 3, keys);
    expect(await openBatch(key, "chat", 3, sealed)).toEqual(keys);
    await expect(openBatch(key, "chat", 4, sealed)).rejects.toThrow(SealBroken);
    await expect(openBatch(key, "other", 3, sealed)).rejects.toThrow(SealBroken);
    await expect(openBatch(await keyFrom(random(32)), "chat", 3, sealed)).rejects.toThrow(SealBroken);
    const many = Array.from({ length: 201 }, () => keys[0]).filter((each) => each !== undefined);
    await expect(sealBatch(key, "chat", 5, many)).rejects.toThrow(RangeError);
  });
});
