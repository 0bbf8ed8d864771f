import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import type { ChatSize, Fate, LocalDesk } from "@/core/local/model.ts";
import { chatItem, FakeCore, groupOf } from "@/hooks/testing/services.tsx";
import { useToasts } from "@/ui/toast-store.ts";

import { ExportDialog } from "./export-dialog.tsx";
import { fileName } from "./file.ts";
import { StoragePage } from "./storage-page.tsx";

const user = userEvent.setup();
let core: FakeCore;
const onChat = vi.fn<(chatId: string) => void>();

beforeEach(() => {
  core = new FakeCore();
  onChat.mockReset();
  useToasts.setState({ toasts: [] });
});
afterEach(() => vi.unstubAllGlobals());

const press = (name: string | RegExp) => user.click(screen.getByRole("button", { name }));
const toasts = () => useToasts.getState().toasts.map((each) => each.text);
const size = (chatId: string, bytes: number, more: Partial<ChatSize> = {}): ChatSize => ({
  chatId,
  bytes,
  messages: 12,
  unsent: 0,
  draft: false,
  ...more,
});
const fate = (more: Partial<Fate> = {}): Fate => ({ from: "server", lost: 0, cleared: 40, unsent: 0, draft: false, ...more });

describe("the list of chats by size", () => {
  const measured = (...sizes: ChatSize[]) => {
    core.list.set(sizes.map(({ chatId }) => chatItem(chatId, { type: "group", partnerId: null, name: chatId })));
    core.local.measure.mockImplementation(async (tell) => tell(sizes, { done: sizes.length, total: sizes.length }));
    core.show(<StoragePage onBack={() => {}} onChat={onChat} />);
  };

  it("has the largest first, with what each takes and what is not sent", async () => {
    measured(size("Roof", 3_400_000), size("Tea", 12_000_000, { messages: 1, unsent: 2, draft: true }));
    const rows = await screen.findAllByRole("listitem");
    expect(rows.map((row) => row.textContent)).toEqual([
      expect.stringContaining("Tea12 MB1 message · 2 not sent yet · a draft"),
      expect.stringContaining("Roof3.4 MB12 messages"),
    ]);
    expect(screen.getByText("2 chats, about 15 MB")).toBeInTheDocument();
  });

  it("leads to the chat", async () => {
    measured(size("Roof", 1));
    await user.click(await screen.findByRole("button", { name: "What to do with Roof" }));
    await user.click(await screen.findByRole("menuitem", { name: "Open the chat" }));
    expect(onChat).toHaveBeenCalledWith("Roof");
  });

  const ask = async (): Promise<HTMLElement> => {
    await user.click(await screen.findByRole("button", { name: "What to do with Roof" }));
    await user.click(await screen.findByRole("menuitem", { name: "Clear from this browser…" }));
    return screen.findByRole("dialog", { name: "Clear “Roof”?" });
  };

  it("clears a chat once it was told what comes back, and measures again", async () => {
    core.local.fate.mockResolvedValue(fate());
    measured(size("Roof", 1));
    const dialog = await ask();
    expect(await within(dialog).findByText(/40 messages are removed .* stay on the server/)).toBeInTheDocument();
    expect(within(dialog).queryByText(/cannot come back/)).not.toBeInTheDocument();
    await press("Clear");
    await waitFor(() => expect(core.local.measure).toHaveBeenCalledTimes(2));
    expect(core.local.clear).toHaveBeenCalledExactlyOnceWith("Roof", expect.anything());
    expect(toasts()).toEqual(["“Roof” is cleared from this browser"]);
  });

  it("says what cannot come back, and offers to save it first", async () => {
    core.local.fate.mockResolvedValue(fate({ from: "nowhere", lost: 3 }));
    measured(size("Roof", 1));
    const dialog = await ask();
    expect(await within(dialog).findByText(/3 messages cannot come back/)).toBeInTheDocument();
    core.details.set(new Map([["Roof", groupOf("Roof", [])]]));
    await press("Save as a file first");
    expect(await screen.findByRole("dialog", { name: /as a file/ })).toBeInTheDocument();
    expect(core.local.clear).not.toHaveBeenCalled();
  });

  it("clears nothing while that is not known", async () => {
    core.local.fate.mockRejectedValue(ApiError.local("offline"));
    measured(size("Roof", 1));
    const dialog = await ask();
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("The server cannot be reached");
    expect(within(dialog).getByRole("button", { name: "Clear" })).toBeDisabled();
  });
});

describe("saving a chat as a file", () => {
  const done = { counts: { messages: 7, unreadable: 0, unsent: 0 }, complete: true };
  const onClose = vi.fn<() => void>();
  const show = () => {
    onClose.mockReset();
    core.details.set(new Map([["chat", groupOf("chat", [], { name: "Bala" })]]));
    core.show(<ExportDialog chatId="chat" onClose={onClose} />);
  };

  it("warns that the file is not encrypted, before there is one", () => {
    show();
    expect(screen.getByRole("note")).toHaveTextContent("The file is not encrypted.");
    expect(core.local.export).not.toHaveBeenCalled();
  });

  it("writes piece by piece into the file that the person chose", async () => {
    const pieces: string[] = [];
    const stream = { write: async (piece: string) => void pieces.push(piece), close: vi.fn<() => Promise<void>>(async () => {}), abort: async () => {} };
    const picker = vi.fn<(options: unknown) => Promise<unknown>>(async () => ({ createWritable: async () => stream }));
    vi.stubGlobal("showSaveFilePicker", picker);
    core.local.export.mockImplementation(async (_chatId, { writer, sink, name }) => {
      const chat = { id: "chat", type: "direct" as const, name, encrypted: false, createdAt: 0 };
      await sink.write(writer.begin({ chat, me: "me", at: 0 }));
      await sink.write(writer.end(done));
      await sink.close();
      return done;
    });
    show();
    await user.click(screen.getByRole("radio", { name: "For programs" }));
    await press("Save file");
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(JSON.parse(pieces.join(""))).toMatchObject({ format: "batiyoun-chat", chat: { name: "Bala" }, messages: [] });
    expect(stream.close).toHaveBeenCalledOnce();
    expect(picker.mock.lastCall).toMatchObject([{ suggestedName: expect.stringMatching(/^Batiyoun Bala \d{4}-\d\d-\d\d\.json$/) as string }]);
    expect(toasts()).toEqual(["Saved 7 messages."]);
  });

  it("shows how far it is, and can be stopped", async () => {
    core.local.export.mockImplementation((_chatId, { signal, progress }) => {
      progress({ phase: "fetching", done: 500, total: 2_000 });
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(ApiError.local("cancelled"))));
    });
    show();
    await press("Save file");
    expect(await screen.findByText("Fetching older messages: 500 of about 2,000")).toBeInTheDocument();
    expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "25");
    await press("Cancel");
    await waitFor(() => expect(screen.queryByRole("progressbar")).not.toBeInTheDocument());
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    expect(onClose).not.toHaveBeenCalled();
  });

  it("offers what is here when the rest cannot be fetched, and says that it is not all", async () => {
    const wishes: boolean[] = [];
    core.local.export.mockImplementation(async (...[, { onlyHere }]: Parameters<LocalDesk["export"]>) => {
      wishes.push(onlyHere);
      if (!onlyHere) throw ApiError.local("offline");
      return { counts: { messages: 2, unreadable: 1, unsent: 0 }, complete: false };
    });
    show();
    await press("Save file");
    await press("Save what is on this device");
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(wishes).toEqual([false, true]);
    expect(toasts()).toEqual([
      "Saved 2 messages. 1 message could not be opened on this device. Older messages are missing: they were not on this device.",
    ]);
  });

  it.each([
    ["../../etc/passwd", "Batiyoun etc passwd 2026-03-03"],
    ["a\u202Egnp.exe", "Batiyoun a gnp.exe 2026-03-03"],
    ["<script>:|?*", "Batiyoun script 2026-03-03"],
    ["\u0000", "Batiyoun 2026-03-03"],
    ["चाय और गपशप 🍵", "Batiyoun चाय और गपशप 🍵 2026-03-03"],
    ["x".repeat(300), `Batiyoun ${"x".repeat(60)} 2026-03-03`],
  ])("calls the file of a chat named %j as every system can", (name, file) => {
    expect(fileName(name, new Date(2026, 2, 3).getTime())).toBe(file);
  });
});
