import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Sun } from "lucide-react";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";

import { Avatar } from "./avatar.tsx";
import { Badge } from "./badge.tsx";
import { Button } from "./button.tsx";
import { IconButton } from "./icon-button.tsx";
import { MessageState } from "./message-state.tsx";
import { PasswordField } from "./password-field.tsx";
import { Progress } from "./progress.tsx";
import { RadioGroup } from "./radio-group.tsx";
import { SearchField } from "./search-field.tsx";
import { Switch } from "./switch.tsx";
import { TextField } from "./text-field.tsx";

describe("TextField", () => {
  it("ties its hint to the control, and its error instead of the hint", () => {
    const { rerender } = render(<TextField label="E-mail" hint="Only you see it." />);
    expect(screen.getByLabelText("E-mail")).toHaveAccessibleDescription("Only you see it.");
    expect(screen.getByLabelText("E-mail")).toBeValid();
    rerender(<TextField label="E-mail" hint="Only you see it." error="Write an address like name@example.org." />);
    expect(screen.getByLabelText("E-mail")).toHaveAccessibleDescription("Write an address like name@example.org.");
    expect(screen.getByLabelText("E-mail")).toBeInvalid();
  });
});

describe("PasswordField", () => {
  it("shows and hides what was typed, and says which", async () => {
    render(
      <form>
        <PasswordField label="Password" autoComplete="new-password" showLabel="Show" hideLabel="Hide" />
      </form>,
    );
    const field = screen.getByLabelText("Password");
    expect(field).toHaveAttribute("type", "password");
    expect(field).toHaveAttribute("autocomplete", "new-password");
    await userEvent.type(field, "chai");
    await userEvent.click(screen.getByRole("button", { name: "Show" }));
    expect(field).toHaveAttribute("type", "text");
    expect(field).toHaveValue("chai");
    await userEvent.click(screen.getByRole("button", { name: "Hide" }));
    expect(field).toHaveAttribute("type", "password");
  });
});

describe("SearchField", () => {
  it("is cleared by Escape and by its button, and Escape goes on when there is nothing to clear", async () => {
    const escaped = vi.fn<() => void>();
    function Page() {
      const [value, setValue] = useState("");
      return (
        // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
        <div onKeyDown={(event) => event.key === "Escape" && escaped()}>
          <SearchField label="Find people" value={value} onChange={setValue} clearLabel="Clear" />
        </div>
      );
    }
    render(<Page />);
    const field = screen.getByRole("textbox", { name: "Find people" });
    await userEvent.type(field, "asha{Escape}");
    expect(field).toHaveValue("");
    expect(escaped).not.toHaveBeenCalled();
    await userEvent.type(field, "{Escape}ravi");
    expect(escaped).toHaveBeenCalledOnce();
    await userEvent.click(screen.getByRole("button", { name: "Clear" }));
    expect(field).toHaveValue("");
  });
});

describe("Button", () => {
  it("never submits by accident, and refuses presses while busy", async () => {
    const press = vi.fn<() => void>();
    const { rerender } = render(<Button onClick={press}>Save</Button>);
    const button = screen.getByRole("button", { name: "Save" });
    expect(button).toHaveAttribute("type", "button");
    rerender(
      <Button onClick={press} busy>
        Save
      </Button>,
    );
    await userEvent.click(button);
    expect(press).not.toHaveBeenCalled();
    expect(button).toHaveAttribute("aria-busy", "true");
  });

  it("is named by its label when it is only an icon", () => {
    render(<IconButton icon={Sun} label="Light" />);
    expect(screen.getByRole("button")).toHaveAccessibleName("Light");
  });
});

describe("choices", () => {
  it("tells a switch's state and flips it, by its words too", async () => {
    const change = vi.fn<(checked: boolean) => void>();
    render(<Switch label="Sounds" hint="When a message arrives" checked={false} onChange={change} />);
    const control = screen.getByRole("switch", { name: /Sounds/ });
    expect(control).not.toBeChecked();
    expect(control).toHaveAccessibleDescription("When a message arrives");
    await userEvent.click(screen.getByText("Sounds"));
    expect(change).toHaveBeenCalledExactlyOnceWith(true);
  });

  it("moves a choice with the arrow keys", async () => {
    const change = vi.fn<(value: "a" | "b") => void>();
    render(
      <RadioGroup
        label="Theme"
        value="a"
        onChange={change}
        options={[
          { value: "a", label: "Light" },
          { value: "b", label: "Dark" },
        ]}
      />,
    );
    expect(screen.getByRole("radio", { name: "Light" })).toBeChecked();
    await userEvent.tab();
    // The focus moves in a task of its own, while the key is down.
    await userEvent.keyboard("{ArrowRight>}");
    await waitFor(() => expect(screen.getByRole("radio", { name: "Dark" })).toHaveFocus());
    await userEvent.keyboard("{/ArrowRight}");
    expect(change).toHaveBeenCalledExactlyOnceWith("b");
  });
});

describe("signs", () => {
  it("says a count in words and shows it short", () => {
    const { container, rerender } = render(<Badge count={120} label="120 unread messages" />);
    expect(screen.getByText("120 unread messages")).toBeInTheDocument();
    expect(screen.getByText("99+")).toHaveAttribute("aria-hidden", "true");
    rerender(<Badge count={0} label="none" />);
    expect(container).toBeEmptyDOMElement();
  });

  it("says how far a message has come", () => {
    render(<MessageState state="read" label="Read" />);
    expect(screen.getByText("Read")).toHaveClass("sr-only");
  });

  it("keeps a progress bar within its ends", () => {
    const { rerender } = render(<Progress value={0.426} label="Import" />);
    expect(screen.getByRole("progressbar", { name: "Import" })).toHaveAttribute("aria-valuenow", "43");
    rerender(<Progress value={7} label="Import" />);
    expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "100");
  });

  it("draws a picture, initials, or a sign for who has no name, and hides them from screen readers", () => {
    const { container, rerender } = render(<Avatar id="1" name="Asha Verma" />);
    expect(container.querySelector("[data-letters]")).toHaveAttribute("data-letters", "AV");
    expect(container.firstElementChild).toHaveAttribute("aria-hidden", "true");
    rerender(<Avatar id="1" name="Asha Verma" src="/a.png" />);
    expect(container.querySelector("img")).toHaveAttribute("src", "/a.png");
    rerender(<Avatar id="1" name="" kind="group" />);
    expect(container.querySelector("svg")).toBeInTheDocument();
  });
});
