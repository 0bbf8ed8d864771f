import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { Cell } from "@/core/live.ts";
import type { MessageItem, Services } from "@/core/services.ts";
import { ServicesContext } from "@/hooks/services.ts";

import { Pinned } from "./pinned.tsx";
import { nothingAsked, said } from "./testing/said.ts";

const words = (order: number, text: string): MessageItem => said(order, "ravi", 0, { pinned: true, body: { t: "text", text } });
const tea = words(3, "Tea at *five*");
const keys = words(2, "The keys are at the neighbour's");
const jump = vi.fn<(key: string) => void>();
const pinned = vi.fn<Services["messages"]["pinned"]>();
let pins: Cell<readonly MessageItem[] | undefined>;

beforeEach(() => {
  vi.resetAllMocks();
  pins = new Cell<readonly MessageItem[] | undefined>(undefined);
  pinned.mockReturnValue(pins as ReturnType<Services["messages"]["pinned"]>);
});

const open = () =>
  render(
    <ServicesContext value={{ messages: { pinned } } as unknown as Services}>
      <Pinned chatId="c" asks={{ ...nothingAsked, jump }} />
    </ServicesContext>,
  );
const bar = () => screen.getByRole("button");
const set = (...items: MessageItem[]) => act(() => pins.set(items));

describe("Pinned", () => {
  it("is not there before anything is pinned, and after the last pin was taken off", () => {
    open();
    expect(pinned).toHaveBeenCalledWith("c");
    expect(screen.queryByRole("button")).toBeNull();
    set(tea);
    expect(bar()).toHaveTextContent("PinnedTea at five");
    set();
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("shows the newest of several, goes there, and then shows the one before it, around and around", async () => {
    open();
    set(tea, keys);
    expect(bar()).toHaveTextContent("Pinned 1 of 2Tea at five");
    await userEvent.click(bar());
    expect(jump).toHaveBeenLastCalledWith(tea.key);
    expect(bar()).toHaveTextContent("Pinned 2 of 2The keys are at the neighbour's");
    await userEvent.click(bar());
    expect(jump).toHaveBeenLastCalledWith(keys.key);
    expect(bar()).toHaveTextContent("Pinned 1 of 2Tea at five");
  });

  it("begins anew with a new pin", async () => {
    open();
    set(tea, keys);
    await userEvent.click(bar());
    const train = words(9, "The train leaves at 7:40");
    set(train, tea, keys);
    expect(bar()).toHaveTextContent("Pinned 1 of 3The train leaves at 7:40");
  });

  it("stays within what is left when another one is taken off", async () => {
    open();
    set(tea, keys);
    await userEvent.click(bar());
    set(tea);
    expect(bar()).toHaveTextContent("PinnedTea at five");
  });

  it.each([
    [{ t: "sealed", cause: "not_joined" }, "Message that cannot be opened here"],
    [{ t: "unknown", type: "poll" }, "Message from a newer version"],
  ] as const)("says what stands there when it has no words: %o", (body, sentence) => {
    open();
    set(said(1, "ravi", 0, { pinned: true, body }));
    expect(bar()).toHaveTextContent(sentence);
  });

  it("is reached and pressed without a mouse", async () => {
    open();
    set(tea);
    await userEvent.tab();
    expect(bar()).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    expect(jump).toHaveBeenCalledExactlyOnceWith(tea.key);
  });
});
