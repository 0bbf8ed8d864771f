import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { Cell } from "@/core/live.ts";
import { MAX_TEXT, type MessageItem, type Services } from "@/core/services.ts";
import { ServicesContext } from "@/hooks/services.ts";
import { TooltipProvider } from "@/ui/tooltip.tsx";
import { useToasts } from "@/ui/toast-store.ts";

import { Composer } from "./composer.tsx";
import { said } from "./testing/said.ts";

const messages = { send: vi.fn<Services["messages"]["send"]>(), edit: vi.fn<Services["messages"]["edit"]>() };
const drafts = {
  get: vi.fn<Services["drafts"]["get"]>(),
  prepare: vi.fn<Services["drafts"]["prepare"]>(),
  set: vi.fn<Services["drafts"]["set"]>(),
};
const typing = vi.fn<Services["chats"]["typing"]>();
const onSent = vi.fn<() => void>();
const onPoll = vi.fn<() => void>();
const onEdited = vi.fn<() => void>();
const onEditLast = vi.fn<() => void>();

/** Whether the person has a mouse, and so a keyboard whose Enter sends. */
function withPointer(kind: "fine" | "coarse"): void {
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: query.includes(kind) }));
}

beforeEach(() => {
  vi.resetAllMocks();
  messages.send.mockResolvedValue("key");
  drafts.get.mockResolvedValue("");
  drafts.set.mockResolvedValue();
  useToasts.setState({ toasts: [] });
  withPointer("fine");
});

function open(editing: MessageItem | null = null): HTMLTextAreaElement {
  const services = { messages, drafts, chats: { typing } } as unknown as Services;
  render(
    <ServicesContext value={services}>
      <TooltipProvider>
        <Composer
          chatId="c"
          myId="me"
          writing={editing && { for: "edit", message: editing }}
          onDone={onEdited}
          onEditLast={onEditLast}
          onSent={onSent}
          onPoll={onPoll}
        />
      </TooltipProvider>
    </ServicesContext>,
  );
  return screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
}

/** Has the mock wait until the function that comes back is called. */
function deferred<Value>(mock: { mockReturnValue: (value: Promise<Value>) => unknown }): (value: Value) => void {
  let settle: (value: Value) => void = () => {};
  mock.mockReturnValue(new Promise((resolve) => (settle = resolve)));
  return settle;
}

const notices = (): string[] => useToasts.getState().toasts.map((each) => each.text);

describe("Composer", () => {
  it("sends on Enter, without the blanks around, and is empty again", async () => {
    const field = open();
    await userEvent.type(field, " hello {Enter}");
    expect(messages.send).toHaveBeenCalledExactlyOnceWith("c", "hello");
    expect(field).toHaveValue("");
    expect(field).toHaveFocus();
    expect(onSent).toHaveBeenCalledOnce();
    expect(drafts.set).toHaveBeenLastCalledWith("c", "");
  });

  it("begins a new line on Shift+Enter, and on Enter where there is only a finger", async () => {
    const field = open();
    await userEvent.type(field, "one{Shift>}{Enter}{/Shift}two");
    expect(field).toHaveValue("one\ntwo");
    withPointer("coarse");
    await userEvent.type(field, "{Enter}three");
    expect(field).toHaveValue("one\ntwo\nthree");
    expect(messages.send).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "Send" }));
    expect(messages.send).toHaveBeenCalledExactlyOnceWith("c", "one\ntwo\nthree");
  });

  it("leaves an Enter that ends a composition to the input method", async () => {
    const field = open();
    await userEvent.type(field, "नमस्ते");
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
    expect(messages.send).not.toHaveBeenCalled();
  });

  it("sends nothing that is only blanks", async () => {
    const field = open();
    await userEvent.type(field, "   {Enter}");
    expect(messages.send).not.toHaveBeenCalled();
    expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
  });

  it("counts characters as the server does, says how many are left, and refuses too many", () => {
    const field = open();
    const write = (text: string) => fireEvent.change(field, { target: { value: text } });
    // Two UTF-16 units each, one character each.
    write("🌻".repeat(MAX_TEXT - 10));
    expect(screen.getByText("10 characters left")).toBeInTheDocument();
    write("🌻".repeat(MAX_TEXT - 300));
    expect(screen.queryByText(/characters left/)).toBeNull();
    write("x".repeat(MAX_TEXT + 2));
    expect(screen.getByRole("alert")).toHaveTextContent("2 characters too many");
    expect(field).toBeInvalid();
    expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
  });

  it("puts the words back and says why when they could not be kept", async () => {
    messages.send.mockRejectedValue(new ApiError({ code: "internal", message: "The disk is full. Make room." }));
    const field = open();
    await userEvent.type(field, "keep me{Enter}");
    expect(await screen.findByDisplayValue("keep me")).toBe(field);
    expect(notices()).toEqual(["The disk is full. Make room."]);
    expect(onSent).not.toHaveBeenCalled();
  });

  it("empties the field only once the words are kept, and keeps them as the draft until they are in the outbox", async () => {
    const arrive = deferred<string>(messages.send);
    const kept = deferred<void>(drafts.set);
    const field = open();
    await userEvent.type(field, "do not lose me{Enter}");
    expect(messages.send).toHaveBeenCalledExactlyOnceWith("c", "do not lose me");
    expect(drafts.set).toHaveBeenLastCalledWith("c", "do not lose me");
    expect(field).toHaveValue("do not lose me");
    await userEvent.type(field, "{Enter}and me");
    drafts.set.mockResolvedValue();
    kept();
    await waitFor(() => expect(field).toHaveValue("and me"));
    fireEvent(window, new Event("pagehide"));
    expect(drafts.set).toHaveBeenLastCalledWith("c", "do not lose me\nand me");
    arrive("key");
    await waitFor(() => expect(drafts.set).toHaveBeenLastCalledWith("c", "and me"));
    expect(messages.send).toHaveBeenCalledOnce();
    expect(field).toHaveValue("and me");
  });

  it("does not show words as a draft that are being sent when the chat is opened again", async () => {
    const arrive = deferred<string>(messages.send);
    await userEvent.type(open(), "once{Enter}");
    cleanup();
    const field = open();
    await userEvent.type(field, "{ArrowUp}");
    expect(drafts.get).toHaveBeenCalledOnce();
    drafts.get.mockResolvedValue("");
    arrive("key");
    await waitFor(() => expect(drafts.get).toHaveBeenCalledTimes(2));
    expect(field).toHaveValue("");
  });

  it("continues a draft, and tells that somebody is typing", async () => {
    drafts.get.mockResolvedValue("half a");
    const field = open();
    expect(await screen.findByDisplayValue("half a")).toBe(field);
    expect(typing).not.toHaveBeenCalled();
    await userEvent.type(field, " word");
    expect(typing).toHaveBeenCalledWith("c");
  });

  it("changes a message that waits, and leaves the draft alone", async () => {
    messages.edit.mockResolvedValue(true);
    const waiting = said(1, "me", 0, { seq: null, state: "queued", body: { t: "text", text: "old" } });
    const field = open(waiting);
    expect(field).toHaveValue("old");
    await userEvent.type(field, "er{Enter}");
    expect(messages.edit).toHaveBeenCalledExactlyOnceWith(waiting.key, "older");
    expect(onEdited).toHaveBeenCalledOnce();
    expect(drafts.set).not.toHaveBeenCalled();
  });

  it("says when it was too late to change it, and stops on Escape", async () => {
    messages.edit.mockResolvedValue(false);
    const field = open(said(1, "me", 0, { seq: null, state: "queued" }));
    await userEvent.type(field, "y{Enter}");
    expect(notices()).toEqual(["It was too late: the message is on its way already."]);
    onEdited.mockClear();
    await userEvent.type(field, "{Escape}");
    expect(onEdited).toHaveBeenCalledOnce();
  });

  it("leads to a poll, but not while a message is changed", async () => {
    open();
    await userEvent.click(screen.getByRole("button", { name: "More to send" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "New poll" }));
    await waitFor(() => expect(onPoll).toHaveBeenCalledOnce());
    cleanup();
    open(said(1, "me", 0));
    expect(screen.queryByRole("button", { name: "More to send" })).toBeNull();
  });

  it("answers a message, and the arrow up in an empty field changes the last one", async () => {
    const services = { messages, drafts, chats: { typing }, people: { profile: () => new Cell(null) } } as unknown as Services;
    const message = said(1, "ravi", 0, { body: { t: "text", text: "shall we?" } });
    render(
      <ServicesContext value={services}>
        <TooltipProvider>
          <Composer chatId="c" myId="me" writing={{ for: "reply", message }} onDone={onEdited} onEditLast={onEditLast} onSent={onSent} onPoll={onPoll} />
        </TooltipProvider>
      </ServicesContext>,
    );
    const field = screen.getByRole("textbox", { name: "Message" });
    expect(field).toHaveFocus();
    await userEvent.type(field, "{ArrowUp}yes{Enter}");
    expect(onEditLast).toHaveBeenCalledOnce();
    expect(messages.send).toHaveBeenCalledExactlyOnceWith("c", "yes", message.key);
    expect(onEdited).toHaveBeenCalledOnce();
  });
});
