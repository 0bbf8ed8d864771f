import { beforeEach, describe, expect, it, vi } from "vitest";

import { go, leave, replace } from "./navigation.ts";

beforeEach(() => {
  history.replaceState(null, "", "/");
});

describe("moving", () => {
  it("goes back in the history when the parent is what came before", () => {
    const back = vi.spyOn(history, "back").mockImplementation(() => {});
    go("/c/1");
    leave({ at: "chat", chatId: "1" });
    expect(back).toHaveBeenCalledOnce();
    back.mockRestore();
  });

  it("replaces the page when it was opened by its address", () => {
    const before = history.length;
    history.replaceState(null, "", "/c/1/info");
    leave({ at: "info", chatId: "1" });
    expect(location.pathname).toBe("/c/1");
    expect(history.length).toBe(before);
  });

  it("remembers what came before over a replacement", () => {
    const back = vi.spyOn(history, "back").mockImplementation(() => {});
    go("/new");
    replace("/c/1");
    leave({ at: "chat", chatId: "1" });
    expect(back).toHaveBeenCalledOnce();
    back.mockRestore();
  });

  it("returns from the settings to the chat that was open, and from a chat to the list only", () => {
    const back = vi.spyOn(history, "back").mockImplementation(() => {});
    go("/c/1");
    go("/settings");
    leave({ at: "settings" });
    expect(back).toHaveBeenCalledOnce();
    history.replaceState(null, "", "/c/1");
    go("/c/2");
    leave({ at: "chat", chatId: "2" });
    expect(back).toHaveBeenCalledOnce();
    expect(location.pathname).toBe("/");
    back.mockRestore();
  });

  it("adds nothing for the place where one is", () => {
    go("/settings");
    const before = history.length;
    go("/settings");
    expect(history.length).toBe(before);
  });
});
