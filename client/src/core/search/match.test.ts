import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { fold, foldWithPlaces } from "./fold.ts";
import { excerptOf, hasAll, hasLink, termsOf } from "./match.ts";
import { entriesIn, scan, segmentOf, type Entry, type Filter } from "./segment.ts";

const any = fc.string({ unit: "grapheme" });
const matches = (text: string, query: string): boolean => hasAll(fold(text), termsOf(query));

describe("folding", () => {
  test.each([
    ["Ångström", "angstrom"],
    ["STRASSE", "straße"],
    ["ΣΊΣΥΦΟΣ", "σίσυφος"],
    ["ﬁn de siècle", "FIN DE SIECLE"],
    ["ज़रूर", "जरूर"],
    ["क़िताब", "किताब"],
    ["हाँ", "हां"],
    ["e\u0301te\u0301", "été"],
    ["Ё", "е"],
    ["مُحَمَّد", "محمد"],
    ["שָׁלוֹם", "שלום"],
    ["ｆｕｌｌ　ｗｉｄｔｈ", "full width"],
    ["re\u00adcord", "record"],
    ["İstanbul", "istanbul"],
  ])("%s is found as %s", (text, query) => {
    expect(matches(text, query)).toBe(true);
    expect(matches(query, text)).toBe(true);
  });

  test("keeps the vowels of Devanagari apart", () => {
    expect(matches("किताब", "कताब")).toBe(false);
    expect(matches("बात", "बता")).toBe(false);
    expect(matches("नमस्ते दुनिया", "दुनिया नम")).toBe(true);
  });

  test("once is enough, and two texts fold as one", () => {
    fc.assert(
      fc.property(any, any, (one, other) => {
        expect(fold(fold(one))).toBe(fold(one));
        expect(fold(one + other)).toBe(fold(one) + fold(other));
        const { folded, places } = foldWithPlaces(one);
        expect(folded).toBe(fold(one));
        expect(places).toHaveLength(folded.length + 1);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe("an excerpt", () => {
  test("marks what was looked for, whole letters and on one line", () => {
    expect(excerptOf("Chai\nat 5, chai?", ["chai"])).toEqual({ text: "Chai at 5, chai?", marks: [[0, 4], [11, 15]] });
    expect(excerptOf("कि", ["क"])).toEqual({ text: "कि", marks: [[0, 2]] });
    expect(excerptOf("Straße", termsOf("ss"))).toEqual({ text: "Straße", marks: [[4, 5]] });
    expect(excerptOf("<b>bold</b>", ["<b>"]).text).toBe("<b>bold</b>");
  });

  test("begins shortly before the first mark", () => {
    const { text, marks } = excerptOf(`${"far away ".repeat(30)}chai ${"and more ".repeat(30)}`, ["chai"]);
    expect(text).toMatch(/^…(far |away ){1,9}chai .*…$/);
    expect(text.length).toBeLessThan(170);
    expect(marks.map(([from, to]) => text.slice(from, to))).toEqual(["chai"]);
  });

  test("has marks that are apart, inside, and what was looked for", () => {
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 5 }), fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 2 })), (texts, words) => {
        const whole = texts.join(" ");
        const terms = termsOf(words.join(" "));
        const { text, marks } = excerptOf(whole, terms);
        let last = -1;
        for (const [from, to] of marks) {
          expect(from).toBeGreaterThan(last);
          expect(to).toBeGreaterThan(from);
          expect(to).toBeLessThanOrEqual(text.length);
          last = to;
        }
        const marked = whole.length < 100 && terms.length > 0 && hasAll(fold(whole), terms);
        expect(marks.length).toBeGreaterThanOrEqual(marked ? 1 : 0);
      }),
    );
  });
});

test("a link is http or https, nothing else", () => {
  expect(["see https://a.example", "HTTP://A", "(http://a.example)"].map(hasLink)).toEqual([true, true, true]);
  expect(["javascript:alert(1)", "https:// nothing", "a.example", "xhttps://a"].map(hasLink)).toEqual([false, false, false, false]);
});

test("a segment answers as a look at each of its entries", () => {
  const word = fc.constantFrom("chai", "ch", "नमस्ते", "a b", "", "ss");
  const entry = fc.record({ order: fc.nat(), timestamp: fc.nat(9), senderId: fc.constantFrom("x", "y"), link: fc.boolean(), text: word });
  const filter = fc.record({ senderId: fc.constantFrom("x", "y", "z"), from: fc.nat(9), to: fc.nat(9), link: fc.boolean() }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.array(entry), filter, fc.array(fc.constantFrom("c", "ha", "म", "b", "s"), { maxLength: 2 }), (entries: Entry[], wanted: Filter, terms) => {
      const segment = segmentOf(entries);
      expect(entriesIn(segment)).toEqual(entries);
      const found: number[] = [];
      scan(segment, terms, wanted, (index) => found.push(index));
      const expected = entries.flatMap((each, index) => {
        const { senderId = each.senderId, from = 0, to = Infinity, link = false } = wanted;
        const passes = each.senderId === senderId && each.timestamp >= from && each.timestamp < to && (!link || each.link);
        return passes && hasAll(each.text, terms) ? [index] : [];
      });
      expect(found).toEqual(expected);
    }),
  );
});
