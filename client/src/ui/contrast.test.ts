// WCAG 2.2 AA, computed from tokens.css itself: 1.4.3 (text 4.5 : 1) and 1.4.11 (what one must see to operate 3 : 1).

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { CLOTHS } from "./avatar-model.ts";
import { contrast, readTokens } from "./testing/colour.ts";

const tokens = readTokens(readFileSync(join(import.meta.dirname, "tokens.css"), "utf8"));
const token = (name: string) => {
  const found = tokens.get(name);
  if (!found) throw new Error(`tokens.css has no --color-${name}`);
  return found;
};

const grounds = ["canvas", "surface", "raised", "sunken", "hover", "pressed"];
const cloths = Array.from({ length: CLOTHS }, (_, n) => n);

/** [words, what they stand on] */
const text: [string, string][] = [
  ...grounds.flatMap((ground): [string, string][] => [
    ["ink", ground],
    ["ink-soft", ground],
    ["brand", ground],
  ]),
  ...["surface", "raised"].flatMap((ground): [string, string][] => [
    ["danger", ground],
    ["leaf-ink", ground],
  ]),
  ...cloths.flatMap((n): [string, string][] => [
    [`on-cloth-${n}`, `cloth-${n}`],
    [`name-${n}`, "other"],
    [`name-${n}`, "surface"],
  ]),
  ["ink", "brand-soft"],
  ["ink-soft", "brand-soft"],
  ["on-brand", "brand"],
  ["on-brand", "brand-hover"],
  ["on-brand-soft", "brand-soft"],
  ["on-plum", "plum"],
  ["on-plum-soft", "plum"],
  ["on-marigold", "marigold"],
  ["brand", "own"],
  ["brand", "other"],
  ["on-own", "own"],
  ["on-own-soft", "own"],
  ["on-other", "other"],
  ["on-other-soft", "other"],
  ["danger", "danger-soft"],
  ["on-danger", "danger"],
  ["on-danger", "danger-hover"],
  ["on-danger-soft", "danger-soft"],
  ["leaf-ink", "leaf-soft"],
  ["on-note-soft", "note-soft"],
];

/** [sign, what it stands on] */
const signs: [string, string][] = [
  ["line-strong", "surface"],
  ["line-strong", "raised"],
  ["line-strong", "canvas"],
  ["read", "own"],
  ["read", "surface"],
  ["read", "brand-soft"],
  ["danger", "own"],
  ["leaf", "surface"],
  ["brand", "canvas"],
];

describe.each(["light", "dark"] as const)("%s", (theme) => {
  it.each(text)("%s can be read on %s", (words, ground) => {
    expect(contrast(token(words)[theme], token(ground)[theme])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(signs)("%s can be told from %s", (sign, ground) => {
    expect(contrast(token(sign)[theme], token(ground)[theme])).toBeGreaterThanOrEqual(3);
  });
});

it("computes what WCAG's own examples say", () => {
  const grey = (l: number) => ({ l, c: 0, h: 0 });
  expect(contrast(grey(0), grey(1))).toBeCloseTo(21, 1);
  expect(contrast(grey(1), grey(1))).toBe(1);
  // #767676 on white is the well-known 4.54 : 1
  expect(contrast(grey(0.5659), grey(1))).toBeCloseTo(4.54, 1);
});
