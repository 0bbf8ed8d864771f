import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { Cell } from "@/core/live.ts";
import type { MessageItem, Services } from "@/core/services.ts";
import { ServicesContext } from "@/hooks/services.ts";
import { TooltipProvider } from "@/ui/tooltip.tsx";
import { useToasts } from "@/ui/toast-store.ts";

import { QUICK, type Asks } from "./asks.ts";
import { Bubble } from "./bubble.tsx";
import { SystemLine } from "./system-line.tsx";
import { nothingAsked, said } from "./testing/said.ts";

const messages = {
  retry: vi.fn<Services["messages"]["retry"]>(),
  cancel: vi.fn<Services["messages"]["cancel"]>(),
  react: vi.fn<Services["messages"]["react"]>(),
};
const people = { profile: () => new Cell(null) };
const onEdit = vi.fn<(message: MessageItem) => void>();
const onReply = vi.fn<(message: MessageItem) => void>();
const asks = { ...nothingAsked, edit: onEdit, reply: onReply };

beforeEach(() => {
  vi.resetAllMocks();
  messages.retry.mockResolvedValue();
  messages.cancel.mockResolvedValue(true);
  messages.react.mockResolvedValue();
  useToasts.setState({ toasts: [] });
});

function open(message: MessageItem, asked: Asks = asks): void {
  render(
    <ServicesContext value={{ messages, people } as unknown as Services}>
      <TooltipProvider>
        <Bubble message={message} first last sender={null} stop marked={false} choice={null} asks={asked} />
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

describe("a list that is scrolled", () => {
  it("draws a message again only when it is another one", () => {
    const drawn = vi.fn<() => void>();
    const services = { messages, people } as unknown as Services;
    const telling = Object.defineProperty({ ...asks }, "writes", { get: () => (drawn(), true) });
    const bubble = (words: string, name: string) => (
      <ServicesContext value={services}>
        <TooltipProvider>
          <Bubble
            message={said(1, "other", 0, text(words))}
            sender={{ id: "other", name }}
            {...{ first: true, last: true, stop: true, marked: false, choice: null, asks: telling }}
          />
        </TooltipProvider>
      </ServicesContext>
    );
    const { rerender } = render(bubble("Hello", "Asha"));
    drawn.mockClear();
    rerender(bubble("Hello", "Asha"));
    expect(drawn).not.toHaveBeenCalled();
    rerender(bubble("Hello", "Asha Devi"));
    expect(drawn).toHaveBeenCalled();
    expect(screen.getByText("Asha Devi")).toBeInTheDocument();
    rerender(bubble("Hello!", "Asha Devi"));
    expect(screen.getByText("Hello!")).toBeInTheDocument();
  });
});

describe("what disappears", () => {
  it("says so", () => {
    open(said(1, "other", 0, { body: { t: "text", text: "soon gone", lasts: 604_800 } }));
    expect(screen.getByRole("img", { name: "Disappears 7 days after it was sent" })).toBeInTheDocument();
  });

  it.each([
    [3_600, "You made new messages disappear after 1 hour"],
    [0, "You switched off disappearing messages"],
  ])("a timer of %d seconds is told", (lasts, sentence) => {
    const message = said(1, "me", 0, { body: { t: "system", event: { what: "timer", lasts } } });
    render(
      <ServicesContext value={{ messages, people } as unknown as Services}>
        <SystemLine message={message} myId="me" />
      </ServicesContext>,
    );
    expect(screen.getByText(sentence)).toBeInTheDocument();
  });
});

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
  ])("offers what can be done with %s", async (_, message) => {
    open(message);
    const both = ["Reply", "React…", "Copy text", "Forward", "Pin", "Select"];
    expect(await menuOf("words")).toEqual([...QUICK, ...both, ...(message.mine ? ["Edit", "Delete for everybody"] : ["Report"])]);
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

  it("offers only to copy, to forward, to select and to report where one may not write", async () => {
    open(said(1, "ravi", 0, text("words")), { ...asks, writes: false });
    expect(await menuOf("words")).toEqual(["Copy text", "Forward", "Select", "Report"]);
  });

  it("lets an admin take away what somebody else said", async () => {
    open(said(1, "ravi", 0, text("words")), { ...asks, moderates: true });
    expect((await menuOf("words")).at(-1)).toBe("Delete for everybody");
  });

  it("answers on a swipe towards the middle, and not while scrolling", () => {
    open(said(1, "ravi", 0, text("words")));
    const words = screen.getByText("words");
    const finger = { pointerType: "touch", clientX: 50, clientY: 50 };
    const swipe = (clientX: number, clientY: number): void => {
      fireEvent.pointerDown(words, finger);
      fireEvent.pointerMove(words, { ...finger, clientX: (50 + clientX) / 2, clientY });
      fireEvent.pointerMove(words, { ...finger, clientX, clientY });
      fireEvent.pointerUp(words, { ...finger, clientX, clientY });
    };
    swipe(80, 50);
    swipe(150, 90);
    expect(onReply).not.toHaveBeenCalled();
    swipe(150, 52);
    expect(onReply).toHaveBeenCalledOnce();
  });

  it("shows reactions with who gave them, and takes one's own back", async () => {
    open(said(1, "ravi", 0, { ...text("words"), reactions: [{ emoji: "👍", userIds: ["ravi", "me"] }] }));
    const chip = screen.getByRole("button", { name: /^👍 2 from .*You/, pressed: true });
    await userEvent.click(chip);
    expect(messages.react).toHaveBeenCalledExactlyOnceWith("c/ravi/1", "👍", false);
  });

  it("quotes what it answers, and goes there", async () => {
    const jump = vi.fn<(key: string) => void>();
    const replyTo = { key: "c/me/1", senderId: "me", excerpt: "shall we?", gone: false };
    open(said(2, "ravi", 0, { ...text("yes"), replyTo }), { ...asks, jump });
    await userEvent.click(screen.getByRole("button", { name: /You shall we\? Go to that message/ }));
    expect(jump).toHaveBeenCalledExactlyOnceWith("c/me/1");
  });

  it("says that a message was changed, or deleted", () => {
    open(said(1, "ravi", 0, { ...text("words"), edited: true }));
    expect(screen.getByText("edited")).toBeInTheDocument();
    open(said(2, "ravi", 0, { body: { t: "deleted" }, deleted: true }));
    expect(screen.getByText("This message was deleted")).toBeInTheDocument();
  });

  it.each([
    ["r", "reply"],
    ["e", "edit"],
    ["Delete", "remove"],
    ["f", "forward"],
  ] as const)("does on %s what the help sheet says", async (key, what) => {
    const asked = vi.fn<(message: MessageItem) => void>();
    open(said(1, "me", 0, text("words")), { ...asks, [what]: asked });
    screen.getByRole("button", { name: "What to do with this message" }).focus();
    await userEvent.keyboard(key.length > 1 ? `{${key}}` : key);
    expect(asked).toHaveBeenCalledOnce();
  });

  it("leaves links to the browser", () => {
    open(said(1, "ravi", 0, text("see https://example.org/")));
    const link = screen.getByRole("link");
    expect(fireEvent.contextMenu(link)).toBe(true);
    expect(screen.queryByRole("menu")).toBeNull();
    expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow");
  });
});
