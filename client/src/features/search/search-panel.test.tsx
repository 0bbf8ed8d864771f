import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState, type KeyboardEvent } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import type { SearchHit } from "@/core/services.ts";
import { chatItem, directWith, FakeCore, ME, person } from "@/hooks/testing/services.tsx";
import { speakAlso } from "@/i18n/index.ts";

import { Find } from "./find.tsx";
import { SearchPanel } from "./search-panel.tsx";
import { NO_CHIPS, queryOf } from "./wanted.ts";

const bala = person("bala", "Bala Kumar");
const onOpen = vi.fn<(chatId: string, key?: string) => void>();
let core: FakeCore;

const hit = (key: string, text: string, marks: [number, number][], more: Partial<SearchHit> = {}): SearchHit => ({
  key,
  chatId: "Roof",
  order: 1,
  senderId: "bala",
  timestamp: Date.UTC(2026, 1, 1),
  excerpt: { text, marks },
  ...more,
});

beforeEach(async () => {
  await speakAlso("search");
  core = new FakeCore();
  core.profiles.set("bala", bala);
  onOpen.mockReset();
});

const chats = [chatItem("Roof"), directWith(person("chand", "Chand Rani"))];

/** What was found, as against what the chips offer. */
const found = () => within(screen.getByRole("listbox", { name: "Results" }));

/** The field that the panel belongs to. */
function Field({ text }: { text: string }) {
  const [query, setQuery] = useState(text);
  const [press, setPress] = useState<{ press: ((event: KeyboardEvent) => void) | null }>({ press: null });
  const [entered, setEntered] = useState(false);
  const [active, setActive] = useState<string | null>(null);
  const [onKeys] = useState(() => (next: ((event: KeyboardEvent) => void) | null) => setPress({ press: next }));
  return (
    <>
      <input
        aria-label="Search"
        aria-activedescendant={active ?? undefined}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => (event.key === "Enter" ? setEntered(true) : press.press?.(event))}
      />
      <SearchPanel
        query={query}
        chats={chats}
        myId={ME.id}
        listId="list"
        onKeys={onKeys}
        entered={entered}
        onEntered={() => setEntered(false)}
        onActive={setActive}
        onHold={() => {}}
        onOpen={onOpen}
        onNew={() => {}}
      />
    </>
  );
}

describe("the search", () => {
  it("groups chats, people and messages, and opens a message where it was said", async () => {
    core.finder.people.mockResolvedValue([person("rohan", "Rohan Roy"), person("chand", "Chand Rani")]);
    core.finder.find.mockResolvedValue({ hits: [hit("m1", "who has the <b>roof</b> key", [[15, 19]])], more: true });
    core.show(<Field text="ro" />);
    expect(await screen.findByText(/key/)).toBeInTheDocument();
    expect(screen.getAllByRole("group").map((group) => group.textContent)).toEqual(
      expect.arrayContaining([expect.stringContaining("Roof"), expect.stringContaining("Rohan Roy"), expect.stringContaining("Bala Kumar:")]),
    );
    // Who is in a chat already is found as that chat.
    expect(found().getAllByRole("option")).toHaveLength(3);
    const [message] = found().getAllByRole("option", { name: /roof.*key/ });
    expect(message).toHaveTextContent("who has the <b>roof</b> key");
    expect(within(message ?? document.body).getByText("roof").tagName).toBe("MARK");
    expect(screen.getByRole("status")).toHaveTextContent("3 results, and more");
    await userEvent.click(message ?? document.body);
    expect(onOpen).toHaveBeenCalledExactlyOnceWith("Roof", "m1");
  });

  it("is stepped through with arrows while the focus stays in the field", async () => {
    core.finder.find.mockResolvedValue({ hits: [hit("m1", "one", []), hit("m2", "two", [])], more: false });
    core.show(<Field text="o" />);
    await screen.findByText("two");
    const field = screen.getByRole("textbox", { name: "Search" });
    const user = userEvent.setup();
    await user.click(field);
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
    expect(found().getByRole("option", { selected: true })).toHaveTextContent("two");
    expect(field).toHaveAttribute("aria-activedescendant", "list-m-m2");
    expect(field).toHaveFocus();
    await user.keyboard("{ArrowUp}{Enter}");
    expect(onOpen).toHaveBeenCalledExactlyOnceWith("Roof", "m1");
  });

  it("opens the first result when Enter came before it", async () => {
    let answer: (hits: SearchHit[]) => void = () => {};
    core.finder.find.mockReturnValue(new Promise((resolve) => (answer = (hits) => resolve({ hits, more: false }))));
    core.show(<Field text="xy" />);
    await userEvent.type(screen.getByRole("textbox", { name: "Search" }), "{Enter}");
    expect(onOpen).not.toHaveBeenCalled();
    act(() => answer([hit("m1", "xy", [[0, 2]])]));
    await waitFor(() => expect(onOpen).toHaveBeenCalledExactlyOnceWith("Roof", "m1"));
  });

  it("asks for what the chips say, also without words, and says that nothing was found", async () => {
    core.finder.people.mockImplementation(async (query) => (query === "" ? [bala] : []));
    core.show(<Field text="x" />);
    expect(await screen.findByRole("heading", { name: "Nothing found" })).toBeInTheDocument();
    const user = userEvent.setup();
    await user.selectOptions(screen.getByRole("combobox", { name: "Written by" }), "Bala Kumar");
    await user.selectOptions(screen.getByRole("combobox", { name: "Chat" }), "Roof");
    await user.click(screen.getByRole("button", { name: "Links", pressed: false }));
    await user.clear(screen.getByRole("textbox", { name: "Search" }));
    await waitFor(() => expect(core.finder.find).toHaveBeenLastCalledWith({ text: "", chatId: "Roof", senderId: "bala", link: true }, 30));
  });

  it("tells what is being made ready, and stops and goes on as told", async () => {
    core.finder.state.set({ phase: "building", done: 2_000, total: 10_000 });
    core.show(<Field text="x" />);
    expect(await screen.findByRole("progressbar")).toHaveAttribute("aria-valuenow", "20");
    await userEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(core.finder.build).toHaveBeenLastCalledWith(false);
    act(() => core.finder.state.set({ phase: "stopped", done: 2_000, total: 10_000 }));
    await userEvent.click(screen.getByRole("button", { name: "Continue" }));
    expect(core.finder.build).toHaveBeenLastCalledWith(true);
    act(() => core.finder.state.set({ phase: "ready", done: 10_000, total: 10_000 }));
    expect(screen.queryByRole("progressbar")).not.toBeInTheDocument();
  });

  it("says when it does not work, and begins anew", async () => {
    core.finder.find.mockRejectedValueOnce(new Error("broken"));
    core.show(<Field text="x" />);
    await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { name: "Nothing found" })).toBeInTheDocument();
    expect(core.finder.close).toHaveBeenCalledOnce();
  });
});

describe("in one conversation", () => {
  it("shows the newest first, then older and newer ones", async () => {
    core.finder.find.mockResolvedValue({ hits: [hit("new", "x", []), hit("old", "x", [])], more: false });
    const onShow = vi.fn<(key: string) => void>();
    const onClose = vi.fn<() => void>();
    const onDay = vi.fn<() => void>();
    core.show(<Find chatId="Roof" turn={1} onShow={onShow} onDay={onDay} onClose={onClose} />);
    const user = userEvent.setup();
    expect(screen.getByRole("textbox", { name: "Search this conversation" })).toHaveFocus();
    await user.click(screen.getByRole("button", { name: "Go to a day" }));
    expect(onDay).toHaveBeenCalledOnce();
    await user.click(screen.getByRole("textbox", { name: "Search this conversation" }));
    await user.keyboard("x");
    expect(await screen.findByText("1 of 2")).toBeInTheDocument();
    expect(core.finder.find).toHaveBeenLastCalledWith({ text: "x", chatId: "Roof" }, 200);
    await user.keyboard("{Enter}");
    expect(screen.getByText("2 of 2")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Older result" })).toBeDisabled();
    await user.keyboard("{Shift>}{Enter}{/Shift}");
    expect(onShow.mock.calls.map(([key]) => key)).toEqual(["new", "old", "new"]);
    // The first Escape takes the words away, the second the field.
    await user.keyboard("{Escape}");
    expect(onClose).not.toHaveBeenCalled();
    await user.keyboard("{Escape}");
    expect(onClose).toHaveBeenCalledOnce();
  });
});

describe("times", () => {
  const now = new Date(2026, 2, 30, 15, 0).getTime();
  const day = (date: number, month = 2): number => new Date(2026, month, date).getTime();

  it.each([
    ["day", { from: day(30) }],
    ["week", { from: day(24) }],
    ["month", { from: day(1) }],
    ["any", {}],
  ] as const)("%s", (time, times) => {
    expect(queryOf("x", { ...NO_CHIPS, time }, now)).toEqual({ text: "x", ...times });
  });

  it("days are whole, from the first to the last", () => {
    const chips = { ...NO_CHIPS, time: "dates" as const, first: "2026-03-02", last: "2026-03-05" };
    expect(queryOf("", chips, now)).toEqual({ text: "", from: day(2), to: day(6) });
    expect(queryOf(" ", NO_CHIPS, now)).toBeNull();
  });
});
