import { describe, expect, it } from "vitest";

import { entranceOf, nextOf, parentOf, pathOf, placeOf, signInPath, type Place } from "./place.ts";

const ID = "0197a1c2-7d44-7c33-9d2e-0f3a5b6c7d8e";
const PLACES: Exclude<Place, { at: "unknown" }>[] = [
  { at: "list" },
  { at: "chat", chatId: ID },
  { at: "info", chatId: ID },
  { at: "new" },
  { at: "newGroup" },
  { at: "settings" },
  { at: "account", page: "security" },
  { at: "invitation", code: "Ab_9-x" },
];

describe("addresses", () => {
  it.each(PLACES)("come back from their own address: $at", (place) => {
    expect(placeOf(pathOf(place))).toEqual(place);
    expect(placeOf(`${pathOf(place)}/`)).toEqual(place);
  });

  it.each(["/c", "/c/", "/c/a b", "/c/a/b", "/c/../settings", "/new/chat", "/x", "/settings/nothing", "/invite/", "/invite/a b", `/c/${"a".repeat(65)}`])(
    "show nothing for %s",
    (path) => {
      expect(placeOf(path)).toEqual({ at: "unknown" });
    },
  );

  it("lead back to the list in the end, from everywhere", () => {
    for (const place of PLACES) {
      let path = pathOf(place);
      for (let steps = 0; path !== "/"; steps += 1) {
        expect(steps).toBeLessThan(3);
        path = parentOf(placeOf(path));
      }
    }
  });
});

describe("the way back after signing in", () => {
  it("leads to the chat that was asked for", () => {
    const path = signInPath(`/c/${ID}`);
    expect(nextOf(path.slice(path.indexOf("?")))).toBe(`/c/${ID}`);
  });

  it("leads to the invitation that was followed", () => {
    const path = signInPath("/invite/Ab_9-x");
    expect(nextOf(path.slice(path.indexOf("?")))).toBe("/invite/Ab_9-x");
  });

  it("knows the pages of who is not signed in by all their addresses", () => {
    expect(["/login", "/sign-in", "/sign-in/", "/sign-up", "/reset-password", "/", "/c/1"].map(entranceOf)).toEqual([
      "signIn",
      "signIn",
      "signIn",
      "signUp",
      "resetPassword",
      null,
      null,
    ]);
  });

  it("forgets pages that belong to whoever was signed in before", () => {
    expect(signInPath("/settings")).toBe("/login");
  });

  it.each(["//evil.example/c/1", "https://evil.example/c/1", "/\\evil.example", "javascript:alert(1)", "/login", ""])(
    "never leaves the app: %s",
    (next) => {
      expect(nextOf(`?${new URLSearchParams({ next })}`)).toBe("/");
    },
  );
});
