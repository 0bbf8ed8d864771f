import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { completed, isAt, tokenAt } from "./complete.ts";

/** The bar is the caret. */
function at(marked: string): string | null {
  const caret = marked.indexOf("|");
  const token = tokenAt(marked.replace("|", ""), caret);
  return token && `${token.kind} ${token.query}`;
}

test.each([
  ["@r|", "person r"],
  ["hello @ravi|", "person ravi"],
  ["@ra|vi", "person ra"],
  ["(@Ravi K|", "person Ravi K"],
  ["*@rav|", "person rav"],
  ["@राम|", "person राम"],
  ["@李|", "person 李"],
  ["你好@李|", "person 李"],
  ["@O'Br|", "person O'Br"],
  ["@one @two|", "person two"],
  ["`code` @ra|", "person ra"],
  ["```\n@x\n```\n@ra|", "person ra"],
  ["`open\n@ra|", "person ra"],
  [":sm|", "emoji sm"],
  ["so :thumbs_up|", "emoji thumbs_up"],
  [":+1|", "emoji +1"],
  [":100|", "emoji 100"],
  [":दीया|", "emoji दीया"],
  ["🌻:sun|", "emoji sun"],
])("%j can be completed", (marked, expected) => {
  expect(at(marked)).toBe(expected);
});

test.each([
  "|",
  "@|",
  "ravi|",
  "@ravi |",
  "@ravi.|",
  "@ra  vi|",
  "@ra\nvi|",
  "a@b|",
  "https://x.org/@ra|",
  "@@ra|",
  "`@ra|",
  "a `b` `@ra|",
  "```\n@ra|",
  ":|",
  ":s|",
  ":)|",
  ":-)|",
  ":D|",
  "10:30|",
  "a::sm|",
  "https:sm|",
  "note:ok|",
  ":sm |",
  "`:smile|",
])("%j cannot", (marked) => {
  expect(at(marked)).toBeNull();
});

describe("whatever is written", () => {
  const bit = fc.constantFrom("@", ":", "ravi", "राम", "sm", " ", " ", "\n", "`", "```", "*", ".", "_", "1", "🌻", "é");
  const written = fc.array(bit, { maxLength: 12 }).map((bits) => bits.join(""));

  test("a token is what stands before the caret, and not in code", () => {
    fc.assert(
      fc.property(written, fc.nat(60), (text, place) => {
        const caret = Math.min(place, text.length);
        const token = tokenAt(text, caret);
        if (!token) return;
        expect(token.to).toBe(caret);
        expect(isAt(token, text)).toBe(true);
        expect(token.query).not.toMatch(/[\n@:`]/);
        expect(token.query.length).toBeGreaterThanOrEqual(token.kind === "person" ? 1 : 2);
        expect((text.slice(0, token.from).split("```").length - 1) % 2).toBe(0);
        // What follows the caret changes nothing.
        expect(tokenAt(text.slice(0, caret), caret)).toEqual(token);
      }),
    );
  });

  test("completing puts the words in its place, and is then over", () => {
    fc.assert(
      fc.property(written, written, fc.constantFrom("@Ravi Kumar", "👍"), (before, after, words) => {
        const text = before + after;
        const token = tokenAt(text, before.length);
        if (!token) return;
        const done = completed(text, token, words);
        expect(done.text.slice(0, done.caret)).toBe(`${text.slice(0, token.from)}${words} `);
        expect(done.text.slice(done.caret)).toBe(after.startsWith(" ") ? after.slice(1) : after);
        expect(tokenAt(done.text, done.caret)).toBeNull();
        expect(isAt(token, done.text)).toBe(false);
      }),
    );
  });
});
