import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect, useState, type ComponentProps } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { chatItem, directWith, FakeCore, ME, person, saying } from "@/hooks/testing/services.tsx";
import { useToasts } from "@/ui/toast-store.ts";

import { ChatList } from "./chat-list.tsx";

const bala = person("bala", "Bala Kumar");
const chand = person("chand", "Chand Rani");
const onOpen = vi.fn<(chatId: string) => void>();
let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  onOpen.mockReset();
  // The test's DOM lays nothing out; the list needs a height to know what is on the screen.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(700);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(70);
});

/** Stands for what features/search finds. */
const Search: ComponentProps<typeof ChatList>["Search"] = ({ query, chats, onKeys, onActive, entered, onEntered, onOpen: open }) => {
  useEffect(() => onKeys((event) => onActive(event.key)), [onActive, onKeys]);
  useEffect(() => {
    if (!entered) return;
    onEntered();
    open("entered");
  }, [entered, onEntered, open]);
  return <p>{`found: ${query} of ${chats.length}`}</p>;
};
const show = (selectedId: string | null = null) =>
  core.show(<ChatList selectedId={selectedId} onOpen={onOpen} onNew={() => {}} onSettings={() => {}} Search={Search} />);
const row = (name: RegExp) => screen.getByRole("link", { name });
const field = () => screen.getByRole("combobox", { name: "Search chats and messages" });

describe("a row", () => {
  it("says who, what and how much is new", () => {
    core.list.set([directWith(bala, { unread: 3, preview: saying("Are you\n\ncoming?", "bala") })]);
    show();
    expect(row(/Bala Kumar/)).toHaveTextContent("Are you coming?");
    expect(within(row(/Bala Kumar/)).getByText("3 unread messages")).toBeInTheDocument();
    expect(row(/Bala Kumar/)).toHaveAttribute("href", "/c/with-bala");
  });

  it("names the sender in groups, and oneself", () => {
    core.list.set([
      chatItem("Roof", { preview: saying("hello", "chand"), previewSender: chand }),
      chatItem("Yard", { preview: saying("hi", ME.id), previewState: "read" }),
    ]);
    show();
    expect(row(/Roof/)).toHaveTextContent("Chand Rani: hello");
    expect(row(/Yard/)).toHaveTextContent("ReadYou: hi");
  });

  it("says of a group not what somebody said whom one blocks", () => {
    core.list.set([chatItem("Roof", { preview: saying("hello", "chand"), previewSender: chand, hushed: true })]);
    show();
    expect(screen.getByText("Message from someone you blocked")).toBeInTheDocument();
    expect(screen.queryByText("hello")).toBeNull();
  });

  it("shows a draft before the newest message, and typing before a draft", () => {
    core.list.set([directWith(bala, { draft: "half a thought", preview: saying("old", "bala") })]);
    show();
    expect(row(/Bala/)).toHaveTextContent("Draft: half a thought");
    act(() => core.typing.set(new Map([["with-bala", ["bala"]]])));
    expect(row(/Bala/)).toHaveTextContent("typing…");
    expect(row(/Bala/)).not.toHaveTextContent("half a thought");
  });

  it("tells who types in a group, and only the number when there are several", () => {
    core.profiles.set("chand", chand);
    core.list.set([chatItem("Roof")]);
    core.typing.set(new Map([["Roof", ["chand"]]]));
    show();
    expect(row(/Roof/)).toHaveTextContent("Chand Rani is typing…");
    act(() => core.typing.set(new Map([["Roof", ["chand", "bala"]]])));
    expect(row(/Roof/)).toHaveTextContent("several people are typing…");
  });

  it("says in words that somebody is there", () => {
    core.people.set(new Map([["bala", { online: true, lastSeen: null }]]));
    core.list.set([directWith(bala), directWith(chand)]);
    show();
    expect(row(/Bala Kumar \(online\)/)).toBeInTheDocument();
    expect(row(/Chand/)).not.toHaveTextContent("online");
  });

  it("calls the chat with oneself notes", () => {
    core.list.set([directWith(ME)]);
    show();
    expect(row(/Notes to self/)).toBeInTheDocument();
  });

  it("says that one is mentioned in what is unread, also where it is mute", async () => {
    const muted = { unread: 2, readSeq: 4, mutedUntil: Number.MAX_SAFE_INTEGER };
    core.list.set([directWith(bala, { ...muted, mentionedSeq: 5 }), directWith(chand, { ...muted, mentionedSeq: 4 })]);
    show();
    expect(await within(row(/Bala/)).findByRole("img", { name: "Somebody mentions you" })).toBeInTheDocument();
    expect(within(row(/Chand/)).getByRole("img", { name: "Muted" })).toBeInTheDocument();
    expect(within(row(/Chand/)).queryByRole("img", { name: "Somebody mentions you" })).toBeNull();
    // The count is as loud as elsewhere.
    const count = (name: RegExp): Element | null => within(row(name)).getByText("2 unread messages").parentElement;
    expect(count(/Bala/)).toHaveClass("bg-marigold");
    expect(count(/Chand/)).not.toHaveClass("bg-marigold");
  });

  it("opens with a press, and leaves a press with a key to the browser", async () => {
    core.list.set([directWith(bala)]);
    show();
    const user = userEvent.setup();
    await user.keyboard("{Control>}");
    await user.click(row(/Bala/));
    await user.keyboard("{/Control}");
    expect(onOpen).not.toHaveBeenCalled();
    await user.click(row(/Bala/));
    expect(onOpen).toHaveBeenCalledExactlyOnceWith("with-bala");
  });
});

describe("many chats", () => {
  const many = Array.from({ length: 500 }, (_, n) => chatItem(`Group ${n}`));

  it("renders the first at once, then only those on the screen, and tells the number of all", async () => {
    core.list.set(many);
    show();
    expect(screen.getAllByRole("listitem")).toHaveLength(50);
    await waitFor(() => expect(screen.getAllByRole("listitem").length).toBeLessThan(40));
    const rows = screen.getAllByRole("listitem");
    expect(rows[0]).toHaveAttribute("aria-setsize", "500");
    expect(rows[1]).toHaveAttribute("aria-posinset", "2");
  });

  it("is one stop of the Tab key, at the open chat, with arrows inside", async () => {
    core.list.set(many.slice(0, 6));
    show("Group 2");
    const stops = screen.getAllByRole("link").filter((each) => each.tabIndex === 0);
    expect(stops).toEqual([row(/Group 2/)]);
    expect(row(/Group 2/)).toHaveAttribute("aria-current", "page");

    const user = userEvent.setup();
    row(/Group 2/).focus();
    await user.keyboard("{ArrowDown}");
    expect(row(/Group 3/)).toHaveFocus();
    await user.keyboard("{ArrowUp}{ArrowUp}");
    expect(row(/Group 1/)).toHaveFocus();
    await user.keyboard("{End}");
    expect(row(/Group 5/)).toHaveFocus();
    await user.keyboard("{Home}{ArrowUp}");
    expect(row(/Group 0/)).toHaveFocus();
  });

  it("keeps the Tab stop on the same chat when news change the order", () => {
    core.list.set(many.slice(0, 4));
    show();
    act(() => row(/Group 3/).focus());
    act(() => core.list.set(many.slice(0, 4).reverse()));
    expect(row(/Group 3/)).toHaveFocus();
    expect(row(/Group 3/).tabIndex).toBe(0);
  });
});

describe("what a person wants of a chat", () => {
  const menu = (name: RegExp) => screen.findByRole("menu", { name });
  const choose = async (name: string) => userEvent.click(await screen.findByRole("menuitem", { name }));
  const openMenu = async (name: RegExp): Promise<void> => {
    // Its code comes after the list.
    await vi.waitFor(() => {
      fireEvent.contextMenu(row(name), { button: 2 });
      expect(screen.getByRole("menu")).toBeInTheDocument();
    });
  };

  it("is said on the row, and the count of a muted chat is no news", async () => {
    core.list.set([directWith(bala, { pinned: 1, mutedUntil: 1e15, unread: 2 })]);
    show();
    for (const name of ["Muted", "Pinned"]) expect(await within(row(/Bala/)).findByRole("img", { name })).toBeInTheDocument();
    expect(within(row(/Bala/)).getByText("2").parentElement).not.toHaveClass("bg-marigold");
  });

  it("is chosen from the menu of its row", async () => {
    core.list.set([directWith(bala), chatItem("Roof", { mutedUntil: 1e15 })]);
    show();
    await openMenu(/Bala/);
    await menu(/Bala Kumar/);
    await choose("Mute for 8 hours");
    const [, wish] = core.chats.wish.mock.lastCall ?? [];
    expect(wish).toMatchObject({ do: "mute" });
    expect(wish?.do === "mute" && wish.until).toBeGreaterThan(Date.now() + 7 * 3_600_000);
    await vi.waitFor(() => expect(row(/Bala/)).toHaveFocus());
    await openMenu(/Roof/);
    await choose("Unmute");
    expect(core.chats.wish).toHaveBeenLastCalledWith("Roof", { do: "mute", until: null });
    await openMenu(/Roof/);
    await choose("Pin to the top");
    expect(core.chats.wish).toHaveBeenLastCalledWith("Roof", { do: "pin", on: true });
  });

  it("moves pinned chats only where there is another one", async () => {
    core.list.set([chatItem("Roof", { pinned: 0 }), chatItem("Yard", { pinned: 1 })]);
    show();
    await openMenu(/Roof/);
    expect(screen.queryByRole("menuitem", { name: "Move up" })).toBeNull();
    await choose("Move down");
    expect(core.chats.wish).toHaveBeenLastCalledWith("Roof", { do: "move", by: 1 });
  });

  it("opens by a finger that rests, which then opens nothing else", async () => {
    core.list.set([directWith(bala)]);
    show();
    // The menu's code is there when another way has opened it once.
    await openMenu(/Bala/);
    await userEvent.keyboard("{Escape}");
    vi.useFakeTimers();
    try {
      fireEvent.pointerDown(row(/Bala/), { pointerType: "touch", clientX: 5, clientY: 5 });
      fireEvent.pointerMove(row(/Bala/), { pointerType: "touch", clientX: 9, clientY: 5 });
      act(() => vi.advanceTimersByTime(450));
    } finally {
      vi.useRealTimers();
    }
    await menu(/Bala/);
    fireEvent.click(row(/Bala/));
    expect(onOpen).not.toHaveBeenCalled();
  });

  it("keeps archived chats in a place of their own, and finds them all the same", async () => {
    core.list.set([directWith(bala), chatItem("Roof", { archived: true }), chatItem("Yard", { archived: true })]);
    show();
    expect(screen.queryByRole("link", { name: /Roof/ })).toBeNull();
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Archived (2)" }));
    expect(screen.getAllByRole("link")).toEqual([row(/Roof/), row(/Yard/)]);
    expect(screen.getByRole("button", { name: "All chats" })).toHaveFocus();
    act(() => core.list.set([directWith(bala), chatItem("Roof")]));
    expect(screen.getAllByRole("link")).toEqual([row(/Bala/), row(/Roof/)]);
    act(() => core.list.set([directWith(bala), chatItem("Yard", { archived: true })]));
    await user.type(field(), "yard");
    expect(screen.getByText("found: yard of 2")).toBeInTheDocument();
  });

  it("says why it cannot be", async () => {
    core.list.set([directWith(bala)]);
    core.chats.wish.mockRejectedValueOnce(new ApiError({ code: "pins_full", message: "Five chats are pinned. Unpin one first." }));
    show();
    await openMenu(/Bala/);
    await choose("Pin to the top");
    await vi.waitFor(() => expect(useToasts.getState().toasts.at(-1)?.text).toBe("Five chats are pinned. Unpin one first."));
  });
});

describe("searching", () => {
  beforeEach(() => core.list.set([directWith(bala), directWith(chand), chatItem("Roof and chai")]));

  it("goes into the list with the arrow down, and Enter without a query opens nothing", async () => {
    show();
    const user = userEvent.setup();
    await user.type(field(), "{Enter}");
    expect(onOpen).not.toHaveBeenCalled();
    await user.type(field(), "{ArrowDown}");
    expect(row(/Bala/)).toHaveFocus();
  });

  it("makes room for what is found, hands its keys on, and comes back with Escape", async () => {
    show();
    const user = userEvent.setup();
    await user.type(field(), "roof");
    expect(screen.queryAllByRole("link")).toHaveLength(0);
    expect(screen.getByText("found: roof of 3")).toBeInTheDocument();
    await user.keyboard("{ArrowDown}");
    expect(field()).toHaveAttribute("aria-activedescendant", "ArrowDown");
    expect(field()).toHaveAttribute("aria-expanded", "true");
    await user.keyboard("{Enter}");
    expect(onOpen).toHaveBeenCalledExactlyOnceWith("entered");
    await user.keyboard("{Escape}");
    expect(screen.getAllByRole("link")).toHaveLength(3);
    expect(field()).toHaveFocus();
  });
});

describe("coming back from a search", () => {
  /** The list as a person scrolls it; the test's DOM does not by itself. */
  const scroller = (): HTMLElement => screen.getByRole("list", { name: "Chats" }).parentElement as HTMLElement;
  function Choosing() {
    const [id, setId] = useState("with-bala");
    return (
      <>
        <button type="button" onClick={() => setId("with-chand")}>
          choose
        </button>
        <ChatList selectedId={id} onOpen={onOpen} onNew={() => {}} onSettings={() => {}} Search={Search} />
      </>
    );
  }
  async function searchAt(top: number): Promise<void> {
    core.list.set([directWith(bala), directWith(chand)]);
    core.show(<Choosing />);
    scroller().scrollTop = top;
    fireEvent.scroll(scroller());
    await userEvent.type(field(), "roof");
    expect(screen.queryByRole("list", { name: "Chats" })).toBeNull();
  }

  it("shows the list where it was", async () => {
    await searchAt(420);
    await userEvent.clear(field());
    expect(scroller().scrollTop).toBe(420);
  });

  it("shows the chat that was chosen meanwhile", async () => {
    await searchAt(420);
    await userEvent.click(screen.getByRole("button", { name: "choose" }));
    await userEvent.clear(field());
    expect(scroller().scrollTop).toBe(0);
  });
});

describe("nothing to show", () => {
  it.each([
    ["loads", undefined, { state: "online", syncing: false }, "Loading your chats…"],
    ["is fetched", [], { state: "online", syncing: true }, "Fetching your chats from the server…"],
    ["is asked for", [], { state: "connecting" }, "Fetching your chats from the server…"],
    ["is really nothing", [], { state: "online", syncing: false }, "Find somebody by name and say hello."],
    ["cannot be reached", [], { state: "offline" }, /Your chats appear as soon as/],
  ] as const)("%s", (_, list, connection, text) => {
    core.list.set(list === undefined ? undefined : [...list]);
    core.connection.set(connection);
    show();
    expect(screen.getByText(text)).toBeInTheDocument();
  });
});
