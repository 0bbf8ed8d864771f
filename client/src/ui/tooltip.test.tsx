import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { place, Tooltip, TooltipProvider } from "./tooltip.tsx";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wait = (ms: number): void => act(() => void vi.advanceTimersByTime(ms));
const hover = (element: Element, pointerType = "mouse"): boolean =>
  fireEvent(element, new PointerEvent("pointerover", { bubbles: true, pointerType }));
const shown = (): string | undefined => screen.queryByRole("tooltip", { hidden: true })?.textContent ?? undefined;

function open() {
  render(
    <TooltipProvider>
      <Tooltip text="Settings">
        <button type="button">one</button>
      </Tooltip>
      <Tooltip text="New chat">
        <button type="button" aria-expanded="false">
          two
        </button>
      </Tooltip>
      <p>elsewhere</p>
    </TooltipProvider>,
  );
  return { one: screen.getByText("one"), two: screen.getByText("two"), elsewhere: screen.getByText("elsewhere") };
}

describe("Tooltip", () => {
  it("shows after the mouse has rested, and the next one at once", () => {
    const { one, two } = open();
    hover(one);
    wait(499);
    expect(shown()).toBeUndefined();
    wait(1);
    expect(shown()).toBe("Settings");
    hover(two);
    wait(0);
    expect(shown()).toBe("New chat");
  });

  it("stays while the mouse is on the tooltip itself, and goes a moment after it left", () => {
    const { one, elsewhere } = open();
    hover(one);
    wait(500);
    hover(elsewhere);
    wait(100);
    fireEvent.pointerEnter(screen.getByRole("tooltip", { hidden: true }));
    wait(1_000);
    expect(shown()).toBe("Settings");
    fireEvent.pointerLeave(screen.getByRole("tooltip", { hidden: true }));
    wait(150);
    expect(shown()).toBeUndefined();
  });

  it.each([
    ["Escape", () => fireEvent.keyDown(document.body, { key: "Escape" })],
    ["a press", () => fireEvent.pointerDown(document.body)],
    ["scrolling", () => fireEvent.scroll(document.body)],
  ])("goes with %s", (_, dismiss) => {
    const { one } = open();
    hover(one);
    wait(500);
    dismiss();
    expect(shown()).toBeUndefined();
  });

  it("keeps quiet under a finger, and beside an open menu", () => {
    const { one, two } = open();
    hover(one, "touch");
    wait(1_000);
    expect(shown()).toBeUndefined();
    two.setAttribute("aria-expanded", "true");
    hover(two);
    wait(1_000);
    expect(shown()).toBeUndefined();
  });

  it("does not appear for something that is gone", () => {
    const button = (
      <Tooltip text="Settings">
        <button type="button">one</button>
      </Tooltip>
    );
    const { rerender } = render(<TooltipProvider>{button}</TooltipProvider>);
    hover(screen.getByText("one"));
    rerender(<TooltipProvider>nothing</TooltipProvider>);
    wait(1_000);
    expect(shown()).toBeUndefined();
  });
});

describe("place", () => {
  const bubble = { width: 100, height: 24 };

  it("is below and centred", () => {
    expect(place({ left: 200, top: 100, bottom: 140, width: 40 }, bubble)).toEqual({ left: 170, top: 146 });
  });

  it("is above where there is no room, and keeps off the edges", () => {
    const bottom = window.innerHeight - 4;
    expect(place({ left: 0, top: bottom - 40, bottom, width: 40 }, bubble)).toEqual({ left: 8, top: bottom - 40 - 6 - 24 });
    expect(place({ left: window.innerWidth - 40, top: 0, bottom: 40, width: 40 }, bubble).left).toBe(window.innerWidth - 108);
  });
});
