import { describe, expect, it } from "vitest";

import { checkDisplayName, checkEmail, checkPassword, checkUsername } from "./rules.ts";

describe("the forms' own rules", () => {
  it.each(["asha", "Asha.K", "a_b", "a-1", "0".repeat(32), "ａｓｈａ"])("takes the username %s", (value) => {
    expect(checkUsername(value)).toBeNull();
  });

  it.each(["", "as", ".asha", "asha-", "आशा", "a b c", "0".repeat(33), "asha@home"])("refuses the username %j", (value) => {
    expect(checkUsername(value)).toEqual({ key: "forms.badUsername" });
  });

  it("counts what is missing from a password by characters, not by UTF-16 units", () => {
    expect(checkPassword("1234567")).toEqual({ key: "forms.shortPassword", params: { count: 1 } });
    expect(checkPassword("😀😀😀😀")).toEqual({ key: "forms.shortPassword", params: { count: 4 } });
    expect(checkPassword("12345678")).toBeNull();
  });

  it("counts the length of a password in bytes", () => {
    expect(checkPassword("a".repeat(1024))).toBeNull();
    expect(checkPassword("आ".repeat(342))).toEqual({ key: "forms.longPassword" });
  });

  it("leaves addresses to the server unless they are certainly wrong", () => {
    expect(checkEmail(" asha@example.org ")).toBeNull();
    expect(checkEmail("आशा@उदाहरण.भारत")).toBeNull();
    for (const wrong of ["asha", "asha@", "@example.org", "asha@example", "a b@example.org"]) {
      expect(checkEmail(wrong)).toEqual({ key: "forms.badEmail" });
    }
  });

  it("allows an empty display name and 64 characters of any script", () => {
    expect(checkDisplayName("")).toBeNull();
    expect(checkDisplayName("क".repeat(64))).toBeNull();
    expect(checkDisplayName("क".repeat(65))).toEqual({ key: "forms.longName" });
  });
});
