import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { MAX_NOTE } from "@/core/limits.ts";
import type { MessageItem } from "@/core/services.ts";
import { directWith, FakeCore, person } from "@/hooks/testing/services.tsx";
import { useToasts } from "@/ui/toast-store.ts";

import { BlockDialog } from "./block-dialog.tsx";
import { BlockedPage } from "./blocked-page.tsx";
import { ReportDialog } from "./report-dialog.tsx";

const user = userEvent.setup();
const ravi = person("ravi", "Ravi Das");
const onClose = vi.fn<() => void>();
let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  core.profiles.set("ravi", ravi);
  onClose.mockReset();
  useToasts.setState({ toasts: [] });
});

const press = (name: string | RegExp) => user.click(screen.getByRole("button", { name }));
const toasts = () => useToasts.getState().toasts.map((each) => each.text);
const said = (id: string, text: string) => ({ key: id, id, body: { t: "text", text }, timestamp: 0 }) as MessageItem;

describe("blocking", () => {
  it("asks first, says what it means, and begins at the harmless answer", async () => {
    core.show(<BlockDialog userId="ravi" onClose={onClose} />);
    const question = screen.getByRole("alertdialog", { name: "Block Ravi Das?" });
    expect(question).toHaveAccessibleDescription(/can’t write to you here any more, and is not told/);
    expect(question).toHaveTextContent("You keep what was said so far.");
    expect(question).toHaveTextContent("You both stay in the groups you share.");
    expect(screen.getByRole("button", { name: "Cancel" })).toHaveFocus();
    await press("Block");
    expect(core.blocks.set).toHaveBeenCalledExactlyOnceWith("ravi", true);
    expect(onClose).toHaveBeenCalledOnce();
    expect(toasts()).toEqual(["Ravi Das is blocked"]);
  });
});

describe("the page of who is blocked", () => {
  it("says how, when it is nobody", () => {
    core.show(<BlockedPage onBack={() => {}} />);
    expect(screen.getByRole("heading", { name: "You block nobody" })).toBeInTheDocument();
  });

  it("names them and takes a block back at once", async () => {
    core.blocked.set(new Map([["ravi", Date.UTC(2026, 2, 3, 12)], ["gone", 0]]));
    core.show(<BlockedPage onBack={() => {}} />);
    const rows = screen.getAllByRole("listitem");
    expect(rows[0]).toHaveTextContent("Ravi DasSince March 3, 2026");
    expect(rows[1]).toHaveTextContent("Someone");
    await press("Unblock Ravi Das");
    expect(core.blocks.set).toHaveBeenCalledExactlyOnceWith("ravi", false);
    expect(toasts()).toEqual(["Ravi Das is not blocked any more"]);
  });
});

describe("reporting", () => {
  const open = (messages: MessageItem[] = []) =>
    core.show(<ReportDialog userId="ravi" chatId="with-ravi" messages={messages} onClose={onClose} />);
  const choose = (name: string) => user.click(screen.getByRole("radio", { name }));

  it("needs a reason; a note, and blocking, as one likes", async () => {
    open();
    const send = screen.getByRole("button", { name: "Send report" });
    expect(send).toBeDisabled();
    await choose("Insults, threats or harassment");
    await user.type(screen.getByRole("textbox"), "He does not stop.");
    await user.click(screen.getByRole("checkbox", { name: "Also block Ravi Das" }));
    await user.click(send);
    expect(core.blocks.report).toHaveBeenCalledExactlyOnceWith({
      userId: "ravi",
      chatId: "with-ravi",
      reason: "harassment",
      note: "He does not stop.",
      messages: [],
    });
    expect(core.blocks.set).toHaveBeenCalledExactlyOnceWith("ravi", true);
    expect(screen.getByRole("dialog", { name: "Thank you, your report was sent" })).toHaveTextContent("Ravi Das is not told");
    expect(screen.getByRole("button", { name: "Done" })).toHaveFocus();
    await press("Done");
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("shows what goes along, who will read it, and lets it out", async () => {
    const messages = [said("1", "Pay, or else"), said("2", "I know where you live")];
    core.details.set(new Map([["with-ravi", { ...directWith(ravi, { encryption: "mls" }), members: [], myRole: "member", lasts: 0, goesOn: null }]]));
    open(messages);
    expect(screen.getByRole("dialog")).toHaveTextContent("Pay, or elseI know where you live");
    expect(screen.getByText(/will be able to read what you attach; they can’t read anything else/)).toBeInTheDocument();
    await choose("Somebody is in danger");
    expect(screen.getByRole("status")).toHaveTextContent("call the police");
    await user.click(screen.getByRole("checkbox", { name: "Attach these 2 messages" }));
    await press("Send report");
    expect(core.blocks.report).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ reason: "danger", messages: [] }));
  });

  it("sends them unless they are let out, and does not promise what a chat in clear cannot keep", async () => {
    const messages = [said("1", "Buy now")];
    core.details.set(new Map([["with-ravi", { ...directWith(ravi), members: [], myRole: "member", lasts: 0, goesOn: null }]]));
    open(messages);
    expect(screen.queryByText(/anything else/)).toBeNull();
    await choose("Spam or advertising");
    await press("Send report");
    expect(core.blocks.report).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ messages }));
  });

  it("stays with what went wrong, and blocks nobody then", async () => {
    core.blocks.report.mockRejectedValueOnce(new ApiError({ code: "offline", message: "The server cannot be reached." }));
    open();
    await choose("Something else");
    await user.click(screen.getByRole("checkbox", { name: "Also block Ravi Das" }));
    await press("Send report");
    expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached.");
    expect(core.blocks.set).not.toHaveBeenCalled();
    await press("Send report");
    await waitFor(() => expect(core.blocks.set).toHaveBeenCalledOnce());
  });

  it("takes a note of a certain length, and does not offer to block whom one blocks already", async () => {
    core.blocked.set(new Map([["ravi", 0]]));
    open();
    expect(screen.queryByRole("checkbox")).toBeNull();
    await choose("Something else");
    await user.click(screen.getByRole("textbox"));
    await user.paste("x".repeat(MAX_NOTE + 2));
    expect(screen.getByText("2 characters too many.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Send report" })).toBeDisabled();
  });
});
