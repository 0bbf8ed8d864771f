import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { DeferredMenu } from "./deferred-menu.tsx";

function open() {
  const copy = vi.fn<() => void>();
  const remove = vi.fn<() => void>();
  render(
    <DeferredMenu
      trigger={<button type="button">More</button>}
      items={[
        { label: "Copy", onSelect: copy },
        { label: "Delete", onSelect: remove, danger: true },
      ]}
      onUnavailable={(error) => {
        throw error;
      }}
    />,
  );
  return { copy, remove };
}

describe("DeferredMenu", () => {
  it("is a button that says it has a menu, until it is pressed", async () => {
    open();
    const button = screen.getByRole("button", { name: "More" });
    expect(button).toHaveAttribute("aria-haspopup", "menu");
    expect(button).toHaveAttribute("aria-expanded", "false");
    expect(screen.queryByRole("menu")).toBeNull();
    await userEvent.click(button);
    expect(await screen.findByRole("menu")).toBeVisible();
    expect(screen.getByRole("button", { name: "More", hidden: true })).toHaveAttribute("aria-expanded", "true");
  });

  it("opens, runs an item and gives the focus back by keyboard alone", async () => {
    const { copy, remove } = open();
    await userEvent.tab();
    await userEvent.keyboard("{ArrowDown}");
    await screen.findByRole("menu");
    await userEvent.keyboard("{End}{Enter}");
    expect(remove).toHaveBeenCalledOnce();
    expect(copy).not.toHaveBeenCalled();
    expect(screen.queryByRole("menu")).toBeNull();
    expect(screen.getByRole("button", { name: "More" })).toHaveFocus();
  });

  it("closes without doing anything on Escape", async () => {
    const { copy, remove } = open();
    await userEvent.click(screen.getByRole("button", { name: "More" }));
    await screen.findByRole("menu");
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("menu")).toBeNull();
    expect(copy).not.toHaveBeenCalled();
    expect(remove).not.toHaveBeenCalled();
  });
});
