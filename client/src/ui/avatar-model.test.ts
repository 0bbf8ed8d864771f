import { describe, expect, it } from "vitest";

import { CLOTHS, clothOf, initials } from "./avatar-model.ts";

describe("initials", () => {
  it.each([
    ["Asha Verma", "AV"],
    ["asha", "A"],
    ["  Asha   Devi  Verma ", "AV"],
    ["रवि कुमार", "रकु"],
    ["A\u030angstr\u00f6m e\u0301t\u00e9", "A\u030aE\u0301"],
    ["क्षमा 각", "क्ष각"],
    ["🌻 Garden", "🌻G"],
    ["(Ravi)", "R"],
    ["- -", ""],
    ["", ""],
  ])("of %j are %j", (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});

describe("clothOf", () => {
  it("is the same for the same id", () => {
    expect(clothOf("0192")).toBe(clothOf("0192"));
  });

  it("uses every cloth, about equally", () => {
    const seen = Array.from<number>({ length: CLOTHS }).fill(0);
    for (let n = 0; n < 800; n++) {
      const cloth = clothOf(`01920000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`);
      seen[cloth] = (seen[cloth] ?? 0) + 1;
    }
    expect(Math.min(...seen)).toBeGreaterThan(60);
  });
});
