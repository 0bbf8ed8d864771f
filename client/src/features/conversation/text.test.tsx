import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { EVERYONE } from "@/core/limits.ts";

import { NamedContext } from "./mention.tsx";
import { Text } from "./text.tsx";

test("marks become elements that screen readers know", () => {
  render(<Text text={"*bold* _it_ ~no~ `c`\n> said\n```\nx = 1\n```"} large={false} />);
  expect(screen.getByText("bold").tagName).toBe("STRONG");
  expect(screen.getByText("it").tagName).toBe("EM");
  expect(screen.getByText("no").tagName).toBe("S");
  expect(screen.getByText("c").tagName).toBe("CODE");
  expect(screen.getByText("said").tagName).toBe("BLOCKQUOTE");
  expect(screen.getByText("x = 1").closest("pre")).toHaveAttribute("dir", "ltr");
});

test("a link inside of marks leads where it says, and tells its owner nothing", () => {
  render(<Text text="*see https://example.org/a_b*" large={false} />);
  const bold = screen.getByText(/see/);
  const link = within(bold).getByRole("link", { name: "https://example.org/a_b" });
  expect(link).toHaveAttribute("href", "https://example.org/a_b");
  expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow");
});

test("security 23: tags that somebody writes stay words", () => {
  const { container } = render(<Text text={"*<img src=x onerror=alert(1)>* `<b>` ```<script>alert(1)</script>```"} large={false} />);
  expect(container.querySelector("img, script, b")).toBeNull();
  expect(container).toHaveTextContent("<img src=x onerror=alert(1)>");
});

test("names of people in the chat lead to them, one's own stands out, others' are words", async () => {
  const open = vi.fn<(userId: string) => void>();
  const mentions = [
    { id: "r", at: 1, length: 5 },
    { id: "me", at: 8, length: 5 },
    { id: "x", at: 14, length: 6 },
  ];
  render(
    <NamedContext value={{ myId: "me", members: new Set(["me", "r"]), open }}>
      <Text text="*@Ravi* @Asha @Nobody" mentions={mentions} large={false} />
    </NamedContext>,
  );
  const ravi = screen.getByRole("button", { name: "@Ravi" });
  expect(ravi.closest("strong")).not.toBeNull();
  await userEvent.click(ravi);
  expect(open).toHaveBeenCalledExactlyOnceWith("r");
  expect(screen.getByText("@Asha").tagName).toBe("MARK");
  expect(screen.getAllByRole("button")).toHaveLength(1);
  expect(screen.getByText(/@Nobody/).tagName).toBe("SPAN");
});

test("everybody of a group stands out for everybody, and outside of groups is words", () => {
  const all = <Text text="@everyone" mentions={[{ id: EVERYONE, at: 0, length: 9 }]} large={false} />;
  const among = (...members: string[]) => ({ myId: "me", members: new Set(["me", ...members]), open: vi.fn<(userId: string) => void>() });
  const { rerender } = render(<NamedContext value={among(EVERYONE)}>{all}</NamedContext>);
  expect(screen.getByText("@everyone").tagName).toBe("MARK");
  rerender(<NamedContext value={among("r")}>{all}</NamedContext>);
  expect(screen.getByText("@everyone").tagName).toBe("SPAN");
});
