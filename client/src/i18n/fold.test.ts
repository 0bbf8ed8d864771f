import { describe, expect, it } from "vitest";

import { fold, matches } from "./fold.ts";

describe("fold", () => {
  it("drops case and Latin accents", () => {
    expect(fold("  Éloïse ")).toBe("eloise");
  });

  it("keeps the vowels of Devanagari", () => {
    expect(fold("रवि")).not.toBe(fold("रव"));
  });
});

describe("matches", () => {
  it.each([
    ["asha", "Asha Verma"],
    ["ver", "Asha Verma"],
    ["as ve", "Asha Verma"],
    ["VERMA asha", "Asha Verma"],
    ["कुम", "रवि कुमार"],
    ["@asha", "asha.v"],
    ["asha.v", "asha.v"],
    ["", "anything"],
  ])("finds %j in %j", (query, name) => {
    expect(matches(query, name)).toBe(true);
  });

  it.each([
    ["sha", "Asha Verma"],
    ["asha ravi", "Asha Verma"],
    ["a", ""],
  ])("does not find %j in %j", (query, name) => {
    expect(matches(query, name)).toBe(false);
  });

  it("looks at every text that is there", () => {
    expect(matches("kumar", "रवि कुमार", "kumar_r", null, undefined)).toBe(true);
  });
});
