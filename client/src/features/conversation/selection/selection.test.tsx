import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { Cell, constant } from "@/core/live.ts";
import type { ChatItem, MessageItem, Services, Session } from "@/core/services.ts";
import { directWith, ME, person } from "@/hooks/testing/services.tsx";
import { ServicesContext } from "@/hooks/services.ts";
import { TooltipProvider } from "@/ui/tooltip.tsx";
import { useToasts } from "@/ui/toast-store.ts";

import type { Asks } from "../asks.ts";
import { Bubble } from "../bubble.tsx";
import { walk } from "../roving.ts";
import { nothingAsked, said } from "../testing/said.ts";
import { MOST, useSelection } from "./use-selection.ts";

const ravi = person("ravi", "Ravi Das");
const bala = person("bala", "Bala Kumar");
const messages = {
  forward: vi.fn<Services["messages"]["forward"]>(),
  deleteForAll: vi.fn<Services["messages"]["deleteForAll"]>(),
  moderate: vi.fn<Services["messages"]["moderate"]>(),
};
const copied = vi.fn<(text: string) => Promise<void>>();
const services = {
  messages,
  chats: { list: () => constant<readonly ChatItem[]>([directWith(bala), directWith(ravi)]) },
  people: { profile: (id: string) => constant(id === "ravi" ? ravi : null) },
  session: { status: new Cell<Session>({ state: "signedIn", me: ME, expired: false }) },
} as unknown as Services;

const words = (order: number, sender: string, text: string, over: Partial<MessageItem> = {}): MessageItem =>
  said(order, sender, order, { body: { t: "text", text }, ...over });
const TALK = [
  words(1, "ravi", "Who brings *tea*?"),
  words(2, "me", "I do"),
  words(3, "ravi", "Good"),
  words(4, "me", "And sugar?"),
];

function Talk({ items, asks }: { items: readonly MessageItem[]; asks: Asks }) {
  const selection = useSelection(items);
  const { Bar, keys } = selection;
  return (
    <>
      <div role="list" onKeyDownCapture={(event) => walk(event, selection.extend)}>
        {items.map((message) => (
          <div key={message.key} role="listitem">
            <Bubble
              message={message}
              first
              last
              sender={null}
              stop
              marked={false}
              asks={{ ...asks, select: selection.begin }}
              choice={
                keys && {
                  chosen: keys.has(message.key),
                  name: message.mine ? "You" : "Ravi Das",
                  takesFocus: selection.takesFocus,
                  onToggle: selection.toggle,
                }
              }
            />
          </div>
        ))}
      </div>
      {keys && Bar && <Bar messages={selection.messages} asks={asks} onLeave={selection.leave} />}
    </>
  );
}

beforeEach(() => {
  vi.resetAllMocks();
  for (const each of [messages.forward, messages.moderate]) each.mockResolvedValue();
  messages.deleteForAll.mockResolvedValue(true);
  copied.mockResolvedValue();
  useToasts.setState({ toasts: [] });
  // The test's DOM lays nothing out: rows stand where they are in the document.
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect());
  HTMLElement.prototype.scrollIntoView = vi.fn<() => void>();
});

const view = (items: readonly MessageItem[], over: Partial<Asks> = {}) => (
  <ServicesContext value={services}>
    <TooltipProvider>
      <Talk items={items} asks={{ ...nothingAsked, ...over }} />
    </TooltipProvider>
  </ServicesContext>
);
const user = () => {
  const made = userEvent.setup();
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText: copied } });
  return made;
};
const box = (name: string) => screen.getByRole("checkbox", { name });
const chosen = () => screen.getAllByRole("checkbox", { checked: true }).map((each) => each.getAttribute("aria-label"));
const says = () => screen.getByRole("status").textContent;
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));
const notices = (): string[] => useToasts.getState().toasts.map((each) => each.text);

/** Begins from the menu of the message, as a mouse opens it. */
async function select(text: string): Promise<void> {
  fireEvent.contextMenu(screen.getByText(text));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Select" }));
  await screen.findByRole("group", { name: "Selected messages" });
}

describe("choosing", () => {
  it("begins with a message from its menu, which takes the focus, and says how many there are", async () => {
    render(view(TALK));
    await select("I do");
    expect(chosen()).toEqual(["You: I do"]);
    // The menu gives the focus away as it closes.
    await waitFor(() => expect(box("You: I do")).toHaveFocus());
    expect(says()).toBe("1 selected");
    await userEvent.click(box("Ravi Das: Who brings tea?"));
    expect(says()).toBe("2 selected");
    await userEvent.click(box("You: I do"));
    expect(chosen()).toEqual(["Ravi Das: Who brings tea?"]);
  });

  it("takes all between two with Shift", async () => {
    const hand = user();
    render(view(TALK));
    await select("And sugar?");
    await hand.keyboard("{Shift>}");
    await hand.click(box("You: I do"));
    expect(chosen()).toEqual(["You: I do", "Ravi Das: Good", "You: And sugar?"]);
  });

  it("goes with Shift and the arrows, there and back; Space chooses one; Escape leaves", async () => {
    const hand = user();
    render(view(TALK));
    const buttons = screen.getAllByRole("button", { name: "What to do with this message" });
    buttons[3]?.focus();
    await hand.keyboard("{Shift>}{ArrowUp}{/Shift}");
    await screen.findByRole("group", { name: "Selected messages" });
    expect(chosen()).toEqual(["Ravi Das: Good", "You: And sugar?"]);
    await waitFor(() => expect(box("Ravi Das: Good")).toHaveFocus());
    await hand.keyboard("{Shift>}{ArrowUp}{/Shift}");
    expect(chosen()).toHaveLength(3);
    await hand.keyboard("{Shift>}{ArrowDown}{/Shift}");
    expect(chosen()).toEqual(["Ravi Das: Good", "You: And sugar?"]);
    await hand.keyboard("{ArrowUp}{ArrowUp} ");
    expect(chosen()).toEqual(["Ravi Das: Who brings tea?", "Ravi Das: Good", "You: And sugar?"]);
    await hand.keyboard("{Escape}");
    expect(screen.queryByRole("group", { name: "Selected messages" })).toBeNull();
    expect(screen.queryAllByRole("checkbox")).toHaveLength(0);
  });

  it("offers only what is stored and still says something, and lets go of what is deleted meanwhile", async () => {
    const waiting = words(5, "me", "not sent yet", { seq: null, state: "queued" });
    const { rerender } = render(view([...TALK, waiting]));
    await select("Good");
    expect(screen.getAllByRole("checkbox")).toHaveLength(4);
    await userEvent.click(box("You: I do"));
    rerender(view(TALK.map((each) => (each.order === 3 ? { ...each, deleted: true, body: { t: "deleted" } } : each))));
    expect(says()).toBe("1 selected");
  });

  it("keeps what is scrolled out of memory", async () => {
    const { rerender } = render(view(TALK));
    await select("I do");
    rerender(view(TALK.slice(2)));
    await userEvent.click(box("Ravi Das: Good"));
    expect(says()).toBe("2 selected");
  });

  it("says when it is too many", async () => {
    const hand = user();
    const many = Array.from({ length: MOST + 1 }, (_, index) => words(index + 1, "me", `n${index}`));
    render(view(many));
    await select("n0");
    await hand.keyboard("{Shift>}");
    await hand.click(box(`You: n${MOST}`));
    expect(notices()).toEqual([`At most ${MOST} messages at once.`]);
    expect(says()).toBe("1 selected");
  });
});

describe("what is done with them", () => {
  async function selectThree(over: Partial<Asks> = {}): Promise<void> {
    user();
    render(view(TALK, over));
    await select("And sugar?");
    await userEvent.click(box("Ravi Das: Who brings tea?"));
    await userEvent.click(box("You: I do"));
  }

  it("copies them in the order in which they were said, with names and times, without marks", async () => {
    await selectThree();
    await press("Copy");
    expect(copied).toHaveBeenCalledExactlyOnceWith(
      [
        "[March 3, 2026, 12:01 PM] Ravi Das: Who brings tea?",
        "[March 3, 2026, 12:02 PM] Asha Devi: I do",
        "[March 3, 2026, 12:04 PM] Asha Devi: And sugar?",
      ].join("\n"),
    );
    expect(notices()).toEqual(["3 messages copied"]);
    expect(screen.queryAllByRole("checkbox")).toHaveLength(0);
  });

  it("copies of one only the words", async () => {
    user();
    render(view(TALK));
    await select("I do");
    await press("Copy");
    expect(copied).toHaveBeenCalledExactlyOnceWith("I do");
  });

  it("stays when copying is not allowed", async () => {
    copied.mockRejectedValue(new Error("no"));
    await selectThree();
    await press("Copy");
    expect(notices()[0]).toMatch(/does not allow copying/);
    expect(chosen()).toHaveLength(3);
  });

  it("forwards them in order, and after trouble goes on where it stopped", async () => {
    messages.forward.mockResolvedValueOnce().mockRejectedValueOnce(new ApiError({ code: "internal", message: "The disk is full." }));
    await selectThree();
    await press("Forward");
    const dialog = await screen.findByRole("dialog", { name: "Forward to" });
    await userEvent.click(within(dialog).getByRole("checkbox", { name: "Bala Kumar" }));
    const go = within(dialog).getByRole("button", { name: "Forward" });
    await userEvent.click(go);
    expect(await within(dialog).findByText("The disk is full.")).toBeInTheDocument();
    await userEvent.click(go);
    const chat = ["with-bala"];
    expect(messages.forward.mock.calls).toEqual([
      ["c/ravi/1", chat],
      ["c/me/2", chat],
      ["c/me/2", chat],
      ["c/me/4", chat],
    ]);
    expect(screen.queryAllByRole("checkbox")).toHaveLength(0);
  });

  it("asks with their number, deletes one's own, and says what stays", async () => {
    await selectThree();
    await press("Delete");
    const question = await screen.findByRole("alertdialog", { name: "Delete 2 messages for everybody?" });
    expect(question).toHaveTextContent("1 other message that you selected was written by somebody else and stays.");
    await userEvent.keyboard("{Escape}");
    expect(chosen()).toHaveLength(3);
    await press("Delete");
    await userEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Delete for everybody" }));
    expect(messages.deleteForAll.mock.calls).toEqual([["c/me/2"], ["c/me/4"]]);
    expect(messages.moderate).not.toHaveBeenCalled();
    await waitFor(() => expect(screen.queryAllByRole("checkbox")).toHaveLength(0));
  });

  it("lets an admin delete what others said, and not twice after trouble", async () => {
    messages.deleteForAll.mockRejectedValueOnce(new ApiError({ code: "internal", message: "Try again." }));
    await selectThree({ moderates: true });
    await press("Delete");
    const question = await screen.findByRole("alertdialog", { name: "Delete 3 messages for everybody?" });
    expect(question).toHaveTextContent("As an admin");
    const go = within(question).getByRole("button", { name: "Delete for everybody" });
    await userEvent.click(go);
    expect(await within(question).findByText("Try again.")).toBeInTheDocument();
    await userEvent.click(go);
    expect(messages.moderate.mock.calls).toEqual([["c/ravi/1"]]);
    expect(messages.deleteForAll.mock.calls).toEqual([["c/me/2"], ["c/me/2"], ["c/me/4"]]);
  });

  it("deletes nothing where one may not write", async () => {
    await selectThree({ writes: false });
    expect(screen.getByRole("button", { name: "Delete" })).toBeDisabled();
    expect(screen.getByRole("button", { name: "Forward" })).toBeEnabled();
  });
});
