import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { Button } from "./button";

describe("a busy button", () => {
  it("keeps the focus and refuses further presses", async () => {
    const pressed = vi.fn<() => void>();
    const { rerender } = render(<Button onClick={pressed}>Save</Button>);
    await userEvent.click(screen.getByRole("button"));
    rerender(<Button busy onClick={pressed}>Save</Button>);
    await userEvent.click(screen.getByRole("button"));
    expect(pressed).toHaveBeenCalledOnce();
    expect(screen.getByRole("button")).toHaveFocus();
    expect(screen.getByRole("button")).toHaveAttribute("aria-busy", "true");
  });

  it("does not submit its form", async () => {
    const submitted = vi.fn<(event: React.SubmitEvent) => void>((event) => event.preventDefault());
    render(
      <form onSubmit={submitted}>
        <input aria-label="Name" />
        <Button type="submit" busy>
          Save
        </Button>
      </form>,
    );
    await userEvent.type(screen.getByLabelText("Name"), "Asha{Enter}");
    await userEvent.click(screen.getByRole("button"));
    expect(submitted).not.toHaveBeenCalled();
  });
});
