import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import type { MessageItem, Services } from "@/core/services.ts";
import { ServicesContext } from "@/hooks/services.ts";
import { TooltipProvider } from "@/ui/tooltip.tsx";
import { useToasts } from "@/ui/toast-store.ts";

import { Bubble } from "./bubble.tsx";
import { said } from "./testing/said.ts";

const messages = { retry: vi.fn<Services["messages"]["retry"]>(), cancel: vi.fn<Services["messages"]["cancel"]>() };
const onEdit = vi.fn<(message: MessageItem) => void>();

beforeEach(() => {
  vi.resetAllMocks();
  messages.retry.mockResolvedValue();
  messages.cancel.mockResolvedValue(true);
  useToasts.setState({ toasts: [] });
});

function open(message: MessageItem): void {
  render(
    <ServicesContext value={{ messages } as unknown as Services}>
      <TooltipProvider>
        <Bubble message={message} first last sender={null} stop onEdit={onEdit} />
      </TooltipProvider>
    </ServicesContext>,
  );
}

const text = (words: string): Pick<MessageItem, "body"> => ({ body: { t: "text", text: words } });
const refused = said(1, "me", 0, {
  ...text("refused"),
  state: "failed",
  failure: { code: "forbidden", message: "You may not do this. Ask an admin of the chat." },
});

/** What the menu offers after it was opened as a mouse opens it. */
async function menuOf(words: string): Promise<string[]> {
  fireEvent.contextMenu(screen.getByText(words));
  return within(await screen.findByRole("menu"))
    .getAllByRole("menuitem")
    .map((item) => item.textContent);
}

describe("Bubble", () => {
  it.each([
    ["queued", "Waiting to be sent"],
    ["sent", "Sent"],
    ["delivered", "Delivered"],
    ["read", "Read"],
    ["failed", "Not sent"],
  ] as const)("says in words that it is %s", (state, words) => {
    open(said(1, "me", 0, { state }));
    expect(screen.getByText(words)).toBeInTheDocument();
  });

  it.each([
    ["not_joined", /before this device came into the chat/],
    ["epoch_gone", /out of step/],
    ["changed", /changed on its way/],
    ["unreadable", /damaged/],
    ["own_lost", /You wrote this/],
    ["not_linked", /your other device/],
  ] as const)("says why it cannot be opened: %s", (cause, words) => {
    open(said(1, "bela", 0, { body: { t: "sealed", cause } }));
    expect(screen.getByText(words)).toBeInTheDocument();
  });

  it("says of a message from a newer version what it is", () => {
    open(said(1, "ravi", 0, { body: { t: "unknown", type: "poll" } }));
    expect(screen.getByText(/newer version/)).toBeInTheDocument();
  });

  it("tells why a message was refused, and what can be done", async () => {
    open(refused);
    const group = screen.getByRole("group", { name: "Not sent" });
    expect(group).toHaveTextContent("Ask an admin of the chat.");
    await userEvent.click(within(group).getByRole("button", { name: "Try again" }));
    expect(messages.retry).toHaveBeenCalledExactlyOnceWith(refused.key);
    await userEvent.click(within(group).getByRole("button", { name: "Edit" }));
    expect(onEdit).toHaveBeenCalledExactlyOnceWith(refused);
    await userEvent.click(within(group).getByRole("button", { name: "Do not send" }));
    expect(messages.cancel).toHaveBeenCalledExactlyOnceWith(refused.key);
  });

  it("says when it was too late to take a message back", async () => {
    messages.cancel.mockResolvedValue(false);
    open(refused);
    await userEvent.click(screen.getByRole("button", { name: "Do not send" }));
    expect(useToasts.getState().toasts[0]?.text).toMatch(/too late/);
  });

  it("offers to change and to take back only what has not left", async () => {
    open(said(1, "me", 0, { ...text("waiting"), state: "queued", seq: null }));
    expect(await menuOf("waiting")).toEqual(["Copy text", "Edit", "Do not send"]);
  });

  it.each([
    ["one's own that was sent", said(1, "me", 0, text("words"))],
    ["somebody else's", said(1, "ravi", 0, text("words"))],
  ])("offers to copy %s", async (_, message) => {
    open(message);
    expect(await menuOf("words")).toEqual(["Copy text"]);
  });

  it("opens its menu under a finger that rests, not under one that scrolls", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    open(said(1, "ravi", 0, text("words")));
    const words = screen.getByText("words");
    const finger = { pointerType: "touch", clientX: 50, clientY: 50 };
    fireEvent.pointerDown(words, finger);
    fireEvent.pointerMove(words, { ...finger, clientY: 80 });
    vi.advanceTimersByTime(1_000);
    expect(screen.queryByRole("menu")).toBeNull();
    fireEvent.pointerDown(words, finger);
    fireEvent.pointerMove(words, { ...finger, clientY: 54 });
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    expect(await screen.findByRole("menu")).toBeInTheDocument();
  });

  it("leaves links to the browser", () => {
    open(said(1, "ravi", 0, text("see https://example.org/")));
    const link = screen.getByRole("link");
    expect(fireEvent.contextMenu(link)).toBe(true);
    expect(screen.queryByRole("menu")).toBeNull();
    expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow");
  });
});
