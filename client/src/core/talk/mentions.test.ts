import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { MAX_MENTIONS } from "../limits.ts";
import { blocks, plain, type Piece } from "./marks.ts";
import { handlesOf, mentionsIn, type Person } from "./mentions.ts";

const person = (id: string, name: string, username: string): Person => ({ id, name, username });
const ravi = person("r", "Ravi", "ravi.k");
const kumar = person("k", "Ravi Kumar", "RKumar");
const asha = person("a", "Asha", "asha_1");
const other = person("b", "Asha", "asha_2");
/** Called like somebody's username. */
const mimic = person("m", "rkumar", "mimi");
const rama = person("h", "राम", "ram");
const people = [ravi, kumar, asha, other, mimic, rama];

/** Whom a text names, as id and words. */
const named = (text: string, before?: Parameters<typeof mentionsIn>[2]): string[] =>
  mentionsIn(text, people, before).map(({ id, at, length }) => `${id} ${text.slice(at, at + length)}`);

test("a name is written as it is, unless somebody else may be meant", () => {
  expect(Object.fromEntries(handlesOf(people))).toEqual({ r: "Ravi", k: "Ravi Kumar", a: "asha_1", b: "asha_2", m: "mimi", h: "राम" });
});

test.each([
  ["@Ravi", ["r @Ravi"]],
  ["(@Ravi Kumar), @Ravi!", ["k @Ravi Kumar", "r @Ravi"]],
  ["@ravi.k. @RAVI.K", ["r @ravi.k", "r @RAVI.K"]],
  ["@rkumar", ["k @rkumar"]],
  ["@asha_1 and @asha_2", ["a @asha_1", "b @asha_2"]],
  ["*@Ravi* _@राम_", ["r @Ravi", "h @राम"]],
  ["> @राम, चलो", ["h @राम"]],
])("%j names %j", (text, expected) => {
  expect(named(text)).toEqual(expected);
});

test.each([
  "Ravi",
  "@",
  "@ravi",
  "@Asha",
  "@Ravindra",
  "@रामू",
  "@asha_12",
  "me@Ravi",
  "@@Ravi",
  "@Ravi-ji",
  "https://example.org/@Ravi",
  "https://example.org/?q=(@Ravi",
  "`@Ravi`",
  "```\n@Ravi\n```",
])("%j names nobody", (text) => {
  expect(named(text)).toEqual([]);
});

test("whom a text named before stays named, whatever they are called now", () => {
  const before = { text: "hi @Gita", mentions: [{ id: "g", at: 3, length: 5 }] };
  expect(named("oh hi @Gita and @Ravi", before)).toEqual(["g @Gita", "r @Ravi"]);
  expect(named("oh hi", before)).toEqual([]);
});

test("no more people are named than a message may name", () => {
  expect(named("@Ravi ".repeat(MAX_MENTIONS + 5))).toHaveLength(MAX_MENTIONS);
});

test("security 23: a long text of nothing but signs costs little", () => {
  const many = Array.from({ length: 1_000 }, (_, index) => person(`${index}`, `Name ${index}`, `user${index}`));
  const began = performance.now();
  for (const part of ["@", "@ ", "@user", "@Name 1"]) mentionsIn(part.repeat(5_000 / part.length), many);
  // A reader that looks at everybody at every sign takes far longer, even on a slow machine.
  expect(performance.now() - began).toBeLessThan(2_000);
});

// ── where they stand in what is shown ────────────────────────────────────────────────────────────────────────────────

const inOrder = (parts: readonly Piece[]): Piece[] => parts.flatMap((piece) => ("parts" in piece ? inOrder(piece.parts) : [piece]));
const shown = (text: string, mentions: Parameters<typeof blocks>[1]): string[] =>
  blocks(text, mentions).flatMap((block) => ("parts" in block ? inOrder(block.parts) : [])).flatMap((piece) => (piece.kind === "mention" ? `${piece.id} ${piece.text}` : []));

describe("names in a text", () => {
  test("are read neither for marks nor as part of what is around them", () => {
    const starry = [{ id: "s", at: 1, length: 6 }];
    expect(blocks("*@a*b_c*", starry)).toEqual([{ kind: "words", parts: [{ kind: "bold", parts: [{ kind: "mention", text: "@a*b_c", id: "s" }] }] }]);
    expect(plain("*@a*b_c* _so_", starry)).toBe("@a*b_c so");
  });

  test.each([
    ["beyond the end", [{ id: "x", at: 0, length: 9 }]],
    ["without the sign", [{ id: "x", at: 1, length: 3 }]],
    ["over each other", [{ id: "r", at: 0, length: 5 }, { id: "x", at: 3, length: 2 }]],
  ])("that stand %s are passed over", (_, mentions) => {
    expect(shown("@Ravi", mentions).filter((each) => each.startsWith("x"))).toEqual([]);
    expect(plain("@Ravi", mentions)).toBe("@Ravi");
  });

  test("stay words in a text that has the signs which stand for names", () => {
    expect(shown("\ufdd0 @Ravi", [{ id: "r", at: 2, length: 5 }])).toEqual([]);
    expect(plain("\ufdd0 @Ravi", [{ id: "r", at: 2, length: 5 }])).toBe("\ufdd0 @Ravi");
  });

  test("are found where they were written, and change no other word", () => {
    const bit = fc.constantFrom("@Ravi", "@Ravi Kumar", "@asha_1", "@राम", " ", " ", "\n", "*", "_", "`", "```", "> ", "chai", "https://a.org/", "🌻", ".");
    fc.assert(
      fc.property(fc.array(bit, { maxLength: 14 }), (bits) => {
        const text = bits.join("");
        const mentions = mentionsIn(text, people);
        // Sent are those that are shown, each as it is written.
        expect(shown(text, mentions)).toEqual(mentions.map(({ id, at, length }) => `${id} ${text.slice(at, at + length)}`));
        let end = 0;
        for (const { at, length } of mentions) {
          expect(at).toBeGreaterThanOrEqual(end);
          end = at + length;
        }
        expect(end).toBeLessThanOrEqual(text.length);
        for (const { at, length } of mentions) expect(plain(text, mentions)).toContain(text.slice(at, at + length));
        expect(plain(text, mentions)).not.toMatch(/[\ufdd0-\ufdef]/);
      }),
    );
  });

  test("security 23: whatever a stranger says of places, all words are shown", () => {
    const anywhere = fc.array(fc.record({ id: fc.constantFrom("r", "x"), at: fc.nat(20), length: fc.integer({ min: 2, max: 12 }) }), { maxLength: 6 });
    const text = fc.string({ unit: fc.constantFrom("@", "@", "a", " ", "🌻", "."), maxLength: 20 });
    fc.assert(
      fc.property(text, anywhere, (words, mentions) => {
        expect(plain(words, mentions)).toBe(words);
      }),
    );
  });
});
