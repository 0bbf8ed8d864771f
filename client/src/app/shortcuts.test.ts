import { describe, expect, it } from "vitest";

import { neighbour, wishOf, type Wish } from "./shortcuts.ts";

const NOTHING = { key: "", code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false };

describe("the app's keys", () => {
  it.each<[string, Partial<typeof NOTHING>, Wish]>([
    ["Ctrl K", { ctrlKey: true, key: "k", code: "KeyK" }, "search"],
    ["⌘ K", { metaKey: true, key: "k", code: "KeyK" }, "search"],
    ["Ctrl K on a Hindi layout", { ctrlKey: true, key: "क", code: "KeyK" }, "search"],
    ["Ctrl F", { ctrlKey: true, key: "f", code: "KeyF" }, "find"],
    ["Alt N", { altKey: true, key: "n", code: "KeyN" }, "new"],
    ["N alone", { key: "n", code: "KeyN" }, null],
    ["Ctrl ,", { ctrlKey: true, key: ",", code: "Comma" }, "settings"],
    ["Ctrl /", { ctrlKey: true, key: "/", code: "Slash" }, "help"],
    ["⌘ /", { metaKey: true, key: "/", code: "Slash" }, "help"],
    ["Ctrl / on a Hindi layout", { ctrlKey: true, key: "य", code: "Slash" }, "help"],
    ["Ctrl / on a German layout, with Shift", { ctrlKey: true, shiftKey: true, key: "/", code: "Digit7" }, "help"],
    ["/ alone", { key: "/", code: "Slash" }, null],
    ["Ctrl ? on an English layout", { ctrlKey: true, shiftKey: true, key: "?", code: "Slash" }, null],
    ["Alt ↑", { altKey: true, key: "ArrowUp", code: "ArrowUp" }, "previous"],
    ["Alt ↓", { altKey: true, key: "ArrowDown", code: "ArrowDown" }, "next"],
    ["Esc", { key: "Escape", code: "Escape" }, "back"],
    ["K alone", { key: "k", code: "KeyK" }, null],
    ["↑ alone", { key: "ArrowUp", code: "ArrowUp" }, null],
    ["Ctrl Alt K, which some layouts type with", { ctrlKey: true, altKey: true, key: "k", code: "KeyK" }, null],
    ["Ctrl Shift K, which is the browser's", { ctrlKey: true, shiftKey: true, key: "K", code: "KeyK" }, null],
    ["Esc while a word is composed", { key: "Escape", code: "Escape", isComposing: true }, null],
  ])("%s", (_name, press, wish) => {
    expect(wishOf({ ...NOTHING, ...press })).toBe(wish);
  });

  it("step through the chats and stop at both ends", () => {
    const ids = ["a", "b", "c"];
    expect(neighbour(ids, "a", 1)).toBe("b");
    expect(neighbour(ids, "c", 1)).toBeNull();
    expect(neighbour(ids, "a", -1)).toBeNull();
    expect(neighbour(ids, null, -1)).toBe("a");
    expect(neighbour(ids, "gone", 1)).toBe("a");
    expect(neighbour([], null, 1)).toBeNull();
  });
});
