import { expect, test } from "vitest";

import { pieces } from "@/core/talk/marks.ts";

import { isLargeEmoji } from "./rich-text.ts";

const shown = (text: string) =>
  pieces(text).map((piece) => ("parts" in piece ? piece : piece.kind === "link" ? `<${piece.text}>` : piece.text));

test.each([
  ["no links here", ["no links here"]],
  ["see https://example.org.", ["see ", "<https://example.org>", "."]],
  ["(https://example.org/a)", ["(", "<https://example.org/a>", ")"]],
  ["https://example.org/a_(b)", ["<https://example.org/a_(b)>"]],
  ["देखिए https://example.org/पृष्ठ।", ["देखिए ", "<https://example.org/पृष्ठ>", "।"]],
  ["a http://x.org b https://y.org", ["a ", "<http://x.org>", " b ", "<https://y.org>"]],
])("finds the links of %s", (text, expected) => {
  expect(shown(text)).toEqual(expected);
});

test.each(["javascript:alert(1)", "data:text/html,x", "vbscript:x", "ftp://example.org", "https://", "<img src=x>"])(
  "security 23: %s stays words",
  (text) => {
    expect(pieces(text).every((piece) => piece.kind === "text")).toBe(true);
  },
);

test("nothing is lost or added", () => {
  const text = "one https://example.org/x?y=1&z=2#a, two\n\nthree";
  expect(pieces(text).map((piece) => ("text" in piece ? piece.text : "")).join("")).toBe(text);
});

test.each(["👍", "👨‍👩‍👧", "🇮🇳 🙏🏽", "❤️", "😀😀😀"])("%s is shown large", (text) => {
  expect(isLargeEmoji(text)).toBe(true);
});

test.each(["", "1", "123", "ok 👍", "😀😀😀😀", "#", "नमस्ते"])("%s is not", (text) => {
  expect(isLargeEmoji(text)).toBe(false);
});
