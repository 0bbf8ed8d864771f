import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { Cell } from "@/core/live.ts";
import { EVERYONE } from "@/core/limits.ts";
import { MAX_TEXT, type MemberItem, type MessageItem, type Services } from "@/core/services.ts";
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

const member = (userId: string, displayName: string, username: string): MemberItem => ({
  chatId: "c",
  userId,
  role: "member",
  deliveredSeq: 0,
  readSeq: 0,
  profile: { id: userId, username, displayName, avatar: null, bio: "", createdAt: 0 },
});
const members = [
  member("me", "Ravina", "ravina"),
  member("r", "Ravi Kumar", "rk"),
  member("o", "Raví Okafor", "okafor"),
  member("a1", "Asha", "asha.one"),
  member("a2", "Asha", "asha_two"),
  member("h", "रवीना जोशी", "rj"),
];

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

function open(editing: MessageItem | null = null, group = true): HTMLTextAreaElement {
  const services = { messages, drafts, chats: { typing } } as unknown as Services;
  render(
    <ServicesContext value={services}>
      <TooltipProvider>
        <Composer
          chatId="c"
          myId="me"
          members={members}
          group={group}
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
          <Composer chatId="c" myId="me" members={[]} group={false} writing={{ for: "reply", message }} onDone={onEdited} onEditLast={onEditLast} onSent={onSent} onPoll={onPoll} />
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

/** What is suggested now, once it is. */
const suggested = async (): Promise<(string | null)[]> => {
  const list = await screen.findByRole("listbox");
  return within(list).getAllByRole("option").map(titleOf);
};
const titleOf = (option: HTMLElement): string | null => option.querySelector("bdi")?.textContent ?? null;
const chosen = (): string | null => titleOf(screen.getByRole("option", { selected: true }));

describe("completing a name", () => {
  it("offers who is in the chat, but oneself, and puts the chosen name into the text", async () => {
    const field = open();
    await userEvent.type(field, "hello @ra");
    expect(await suggested()).toEqual(["Ravi Kumar", "Raví Okafor"]);
    expect(field).toHaveAttribute("aria-controls", screen.getByRole("listbox", { name: "People in this chat" }).id);
    expect(field).toHaveAttribute("aria-activedescendant", screen.getAllByRole("option")[0]?.id);
    await userEvent.type(field, "{ArrowDown}");
    expect(chosen()).toBe("Raví Okafor");
    await userEvent.type(field, "{ArrowDown}{Enter}");
    expect(field).toHaveValue("hello @Ravi Kumar ");
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(messages.send).not.toHaveBeenCalled();
    await userEvent.type(field, "come{Enter}");
    const mentions = [{ id: "r", at: 6, length: 11 }];
    expect(messages.send).toHaveBeenCalledExactlyOnceWith("c", "hello @Ravi Kumar come", undefined, mentions);
  });

  it("takes Tab, goes around at the ends, and is found in any script", async () => {
    const field = open();
    await userEvent.type(field, "@ravi");
    await suggested();
    await userEvent.type(field, "{ArrowUp}{Tab}");
    expect(field).toHaveFocus();
    expect(field).toHaveValue("@Raví Okafor ");
    fireEvent.change(field, { target: { value: "@रवी" } });
    expect(await suggested()).toEqual(["रवीना जोशी"]);
  });

  it("writes the username of somebody whose name another one has", async () => {
    const field = open();
    await userEvent.type(field, "@ash");
    expect(await suggested()).toEqual(["Asha", "Asha"]);
    await userEvent.click(screen.getByRole("option", { name: /asha_two/ }));
    expect(field).toHaveFocus();
    expect(field).toHaveValue("@asha_two ");
    await userEvent.type(field, "{Enter}");
    expect(messages.send).toHaveBeenCalledExactlyOnceWith("c", "@asha_two", undefined, [{ id: "a2", at: 0, length: 9 }]);
  });

  it("goes away on Escape, which then ends nothing else, and Enter sends again", async () => {
    messages.edit.mockResolvedValue(true);
    const message = said(1, "me", 0, { body: { t: "text", text: "tea" } });
    const field = open(message);
    await userEvent.type(field, " @ravi");
    await suggested();
    await userEvent.type(field, "{Escape}");
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(onEdited).not.toHaveBeenCalled();
    await userEvent.type(field, " k{Enter}");
    expect(messages.edit).toHaveBeenCalledExactlyOnceWith(message.key, "tea @ravi k");
  });

  it("leaves keys of an input method alone until its words are there", async () => {
    const field = open();
    fireEvent.compositionStart(field);
    fireEvent.input(field, { target: { value: "@ra" } });
    await suggested();
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    fireEvent.keyDown(field, { key: "Tab", isComposing: true });
    // The key that ends it comes afterwards in WebKit.
    fireEvent.compositionEnd(field);
    fireEvent.keyDown(field, { key: "ArrowDown", keyCode: 229 });
    expect(field).toHaveValue("@ra");
    expect(chosen()).toBe("Ravi Kumar");
    fireEvent.keyDown(field, { key: "Enter" });
    expect(field).toHaveValue("@Ravi Kumar ");
    expect(messages.send).not.toHaveBeenCalled();
  });

  it("offers everybody in a group, and says so by an id that is nobody's", async () => {
    const field = open();
    await userEvent.type(field, "@ev");
    expect(await suggested()).toEqual(["everyone"]);
    expect(screen.getByRole("option")).toHaveTextContent("All in this group");
    await userEvent.type(field, "{Enter}tea{Enter}");
    const mentions = [{ id: EVERYONE, at: 0, length: 9 }];
    expect(messages.send).toHaveBeenCalledExactlyOnceWith("c", "@everyone tea", undefined, mentions);
  });

  it("knows no everybody among two people", async () => {
    const field = open(null, false);
    await userEvent.type(field, "@everyone{Enter}");
    expect(messages.send).toHaveBeenCalledExactlyOnceWith("c", "@everyone");
  });

  it("tells screen readers how many there are to choose from, and nothing once there are none", async () => {
    const field = open();
    const says = (): (string | null)[] => screen.getAllByRole("status").map((region) => region.textContent);
    expect(says()).toContain("");
    await userEvent.type(field, "@ra");
    await suggested();
    expect(says()).toContain("2 suggestions: up and down choose, Enter takes one, Escape closes");
    await userEvent.type(field, "{Escape}");
    expect(says().join("")).toBe("");
    expect(field).not.toHaveAttribute("aria-activedescendant");
    expect(field).not.toHaveAttribute("aria-controls");
  });

  it("offers nothing for addresses, in code, and once the field is left", async () => {
    const field = open();
    await userEvent.type(field, "@ra");
    await suggested();
    for (const value of ["mail me@ra", "`@ra", "@ra.", "@"]) {
      fireEvent.change(field, { target: { value } });
      expect(screen.queryByRole("listbox")).toBeNull();
    }
    fireEvent.change(field, { target: { value: "@ra" } });
    await suggested();
    fireEvent.blur(field);
    expect(screen.queryByRole("listbox")).toBeNull();
  });

  it("keeps whom a message names while it is changed, also who has left", async () => {
    messages.edit.mockResolvedValue(true);
    const mentions = [{ id: "gone", at: 0, length: 5 }];
    const field = open(said(1, "me", 0, { body: { t: "text", text: "@Gita, tea?", mentions } }));
    await userEvent.type(field, " @rk");
    await suggested();
    await userEvent.type(field, "{Escape}{Enter}");
    expect(messages.edit).toHaveBeenCalledExactlyOnceWith("c/me/1", "@Gita, tea? @rk", [...mentions, { id: "r", at: 12, length: 3 }]);
  });
});

describe("completing an emoji", () => {
  it("is found by its names in English and in Hindi", async () => {
    const field = open();
    await userEvent.type(field, "so :thumbs_u");
    expect(await suggested()).toEqual(["thumbs up"]);
    await userEvent.type(field, "{Enter}");
    expect(field).toHaveValue("so 👍 ");
    await userEvent.type(field, ":दीया");
    expect(await suggested()).toEqual(["diya lamp"]);
    await userEvent.type(field, "{Tab}{Enter}");
    expect(messages.send).toHaveBeenCalledExactlyOnceWith("c", "so 👍 🪔");
  });

  it("leaves times, faces made of signs and code as they are", async () => {
    const field = open();
    await userEvent.type(field, ":sm");
    await suggested();
    for (const value of [":)", ":-)", ":D", "10:30", "https://x.org", "`:smile"]) {
      fireEvent.change(field, { target: { value } });
      expect(screen.queryByRole("listbox")).toBeNull();
    }
  });
});
