import { readFileSync } from "node:fs";

import { act, renderHook } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";

import { chooseTheme, THEME_KEY, useTheme } from "./theme.ts";

const script = readFileSync(`${import.meta.dirname}/../../public/theme.js`, "utf8");
const page = readFileSync(`${import.meta.dirname}/../../index.html`, "utf8");
/** What the page does before its first paint. */
const load = (): void => new Function(script)();
const bars = (): string[] => [...document.querySelectorAll("meta[name=theme-color]")].map((meta) => meta.getAttribute("content") ?? "");

beforeEach(() => {
  localStorage.clear();
  delete document.documentElement.dataset["theme"];
  document.head.innerHTML = (page.match(/<meta name="theme-color"[^>]*>/g) ?? []).join("");
});

describe("the theme", () => {
  it("that was chosen is there before the first paint of the next visit", () => {
    chooseTheme("dark");
    delete document.documentElement.dataset["theme"];
    load();
    expect(document.documentElement.dataset["theme"]).toBe("dark");
    expect(new Set(bars()).size).toBe(1);
  });

  it("is the system's for whoever chose nothing, or chose that", () => {
    const before = bars();
    expect(new Set(before).size).toBe(2);
    chooseTheme("light");
    chooseTheme("system");
    load();
    expect(document.documentElement.dataset["theme"]).toBeUndefined();
    expect(bars()).toEqual(before);
  });

  it("ignores what is no theme", () => {
    localStorage.setItem(THEME_KEY, "neon");
    load();
    expect(document.documentElement.dataset["theme"]).toBeUndefined();
  });

  it("follows a choice in another tab", () => {
    const { result } = renderHook(() => useTheme());
    expect(result.current).toBe("system");
    act(() => void window.dispatchEvent(new StorageEvent("storage", { key: THEME_KEY, newValue: "light" })));
    expect(result.current).toBe("light");
    expect(document.documentElement.dataset["theme"]).toBe("light");
  });

  it("loads its script in the page before the app's", () => {
    expect(page.indexOf('src="/theme.js"')).toBeGreaterThan(page.lastIndexOf('name="theme-color"'));
    expect(page.indexOf('src="/theme.js"')).toBeLessThan(page.indexOf("main.tsx"));
  });
});
