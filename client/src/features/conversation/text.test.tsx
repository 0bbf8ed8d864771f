import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

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
