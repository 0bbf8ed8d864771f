// What opens over the page: the focus goes in and comes back, Escape closes. (That none of it injects a style is for
// tests/e2e to see: only a real browser has the page's policy.)

import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState, type ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Confirm } from "./confirm.tsx";
import { Dialog } from "./dialog.tsx";
import { Menu } from "./menu.tsx";
import { toast, useToasts } from "./toast-store.ts";
import { Toaster } from "./toaster.tsx";
import { TooltipProvider } from "./tooltip.tsx";

/** A button that opens what `content` draws. */
function Opener({ content }: { content: (open: boolean, close: () => void) => ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <TooltipProvider>
      <button type="button" onClick={() => setOpen(true)}>
        open
      </button>
      {content(open, () => setOpen(false))}
    </TooltipProvider>
  );
}

describe("Dialog", () => {
  const show = (): void => {
    render(
      <Opener
        content={(open, close) => (
          <Dialog open={open} onClose={close} title="Rename group" closeLabel="Close" description="Everybody sees it.">
            <input aria-label="Name" />
          </Dialog>
        )}
      />,
    );
  };

  it("is named and described, takes the focus and gives it back", async () => {
    show();
    const opener = screen.getByRole("button", { name: "open" });
    await userEvent.click(opener);
    const dialog = screen.getByRole("dialog", { name: "Rename group" });
    expect(dialog).toHaveAccessibleDescription("Everybody sees it.");
    expect(dialog).toContainElement(document.activeElement as HTMLElement);
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
    await waitFor(() => expect(opener).toHaveFocus());
  });

  it("keeps the Tab key inside", async () => {
    show();
    await userEvent.click(screen.getByRole("button", { name: "open" }));
    const dialog = screen.getByRole("dialog");
    for (let press = 0; press < 5; press++) {
      await userEvent.tab();
      expect(dialog).toContainElement(document.activeElement as HTMLElement);
    }
  });
});

describe("Confirm", () => {
  it("starts on the harmless answer, and does the other only when told", async () => {
    const leave = vi.fn<() => void>();
    render(
      <Opener
        content={(open, close) => (
          <Confirm
            open={open}
            title="Leave this group?"
            text="You get no new messages."
            confirmLabel="Leave group"
            cancelLabel="Stay"
            danger
            onConfirm={leave}
            onCancel={close}
          />
        )}
      />,
    );
    await userEvent.click(screen.getByRole("button", { name: "open" }));
    expect(screen.getByRole("alertdialog", { name: "Leave this group?" })).toHaveAccessibleDescription("You get no new messages.");
    expect(screen.getByRole("button", { name: "Stay" })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    expect(leave).not.toHaveBeenCalled();
    expect(screen.queryByRole("alertdialog")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "open" }));
    await userEvent.click(screen.getByRole("button", { name: "Leave group" }));
    expect(leave).toHaveBeenCalledOnce();
  });
});

describe("Menu", () => {
  it("leaves out what is disabled and puts what cannot be undone last", async () => {
    const rename = vi.fn<() => void>();
    render(
      <Menu
        trigger={<button type="button">open</button>}
        items={[
          { label: "Leave", onSelect: vi.fn<() => void>(), danger: true },
          { label: "Rename", onSelect: rename },
          { label: "Mute", onSelect: vi.fn<() => void>(), disabled: true },
        ]}
      />,
    );
    await userEvent.click(screen.getByRole("button", { name: "open" }));
    const items = screen.getAllByRole("menuitem");
    expect(items.map((item) => item.textContent)).toEqual(["Rename", "Mute", "Leave"]);
    expect(items[1]).toHaveAttribute("aria-disabled", "true");
    await userEvent.keyboard("{Home}{Enter}");
    expect(rename).toHaveBeenCalledOnce();
  });
});

describe("Toaster", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    useToasts.setState({ toasts: [] });
    render(<Toaster label="Notices" dismissLabel="Dismiss" />);
  });
  afterEach(() => void vi.useRealTimers());
  const say = (text: string, tone?: "good" | "danger" | "quiet"): void => act(() => toast(text, tone));
  const pass = (ms: number): void => act(() => void vi.advanceTimersByTime(ms));
  const texts = (): string[] => screen.queryAllByRole("paragraph").map((each) => each.textContent);

  it("has a polite region before there is anything to say", () => {
    expect(screen.getByRole("status")).toBeEmptyDOMElement();
    expect(screen.getByRole("status")).toHaveAttribute("aria-live", "polite");
  });

  it("takes good news away after a while, and bad news only when told", () => {
    say("Saved", "good");
    say("The server cannot be reached.", "danger");
    pass(5_999);
    expect(texts()).toEqual(["Saved", "The server cannot be reached."]);
    pass(1);
    expect(texts()).toEqual(["The server cannot be reached."]);
    pass(600_000);
    fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(texts()).toEqual([]);
  });

  it("holds what is pointed at", () => {
    say("Saved", "good");
    const card = screen.getByText("Saved").closest("[data-surface]");
    if (!card) throw new Error("no card");
    fireEvent.pointerEnter(card);
    pass(60_000);
    expect(texts()).toEqual(["Saved"]);
    fireEvent.pointerLeave(card);
    pass(6_000);
    expect(texts()).toEqual([]);
  });

  it("keeps the newest three", () => {
    for (const text of ["1", "2", "3", "4"]) say(text, "danger");
    expect(texts()).toEqual(["2", "3", "4"]);
  });
});
