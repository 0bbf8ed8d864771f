import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import type { ChatDetail, Role } from "@/core/services.ts";
import { chatItem, directWith, FakeCore, groupOf, ME, member, person } from "@/hooks/testing/services.tsx";
import { useToasts } from "@/ui/toast-store.ts";

import { ChatInfo } from "./chat-info.tsx";

const bala = person("bala", "Bala Kumar", { bio: "Tea and trains." });
const chand = person("chand", "Chand Rani");
const dilip = person("dilip", "Dilip Yadav");
const onBack = vi.fn<() => void>();
const onLeft = vi.fn<() => void>();
const onMessage = vi.fn<(chatId: string) => void>();
let core: FakeCore;

const Safety = ({ userId }: { userId: string }) => <p>compare with {userId}</p>;
const Export = ({ chatId }: { chatId: string }) => <p>export {chatId}</p>;
const windows = { Safety, Export, Block: () => null, Report: () => null };

beforeEach(() => {
  core = new FakeCore();
  for (const mock of [onBack, onLeft, onMessage]) mock.mockReset();
  useToasts.setState({ toasts: [] });
});

const user = userEvent.setup();
const press = (name: string | RegExp) => user.click(screen.getByRole("button", { name }));
const toasts = () => useToasts.getState().toasts.map((each) => each.text);

function show(chat: ChatDetail) {
  core.details.set(new Map([[chat.id, chat]]));
  return core.show(<ChatInfo chatId={chat.id} onBack={onBack} onLeft={onLeft} onMessage={onMessage} {...windows} />);
}

const roof = (mine: Role, more: Partial<ChatDetail> = {}) =>
  groupOf("Roof", [member("Roof", ME, mine), member("Roof", bala, "admin"), member("Roof", chand)], more);

it("a member whose keys were compared has a mark, and a member leads to the safety number", async () => {
  core.trusted.set(new Map([["bala", { state: "verified", hadVerified: true, since: 0 }]]));
  show(roof("owner", { encryption: "mls" }));
  expect(screen.getAllByRole("img", { name: "Verified" })).toHaveLength(1);
  await press(/^Bala Kumar.*bala\.kumar/);
  await press("Safety number Verified");
  expect(screen.getByText("compare with bala")).toBeInTheDocument();
});

it("the chat can be exported", async () => {
  show(roof("member"));
  await press(/^Save as a file/);
  expect(screen.getByText("export Roof")).toBeInTheDocument();
});

describe("what one wants of the chat", () => {
  it("is chosen here, too", async () => {
    show(roof("member"));
    await press("Mute");
    await user.click(await screen.findByRole("menuitem", { name: "Mute until I switch it on" }));
    expect(core.chats.wish).toHaveBeenLastCalledWith("Roof", { do: "mute", until: Date.UTC(9999, 0, 1) });
    await press("Pin");
    expect(core.chats.wish).toHaveBeenLastCalledWith("Roof", { do: "pin", on: true });
    await press("Archive");
    expect(core.chats.wish).toHaveBeenLastCalledWith("Roof", { do: "archive", on: true });
  });

  it("is shown, and taken back by the same press", async () => {
    show(roof("member", { mutedUntil: Date.UTC(9999, 0, 1), pinned: 1 }));
    expect(screen.getByText("Muted until you switch it on")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Pinned", pressed: true })).toBeInTheDocument();
    await press("Muted");
    expect(core.chats.wish).toHaveBeenLastCalledWith("Roof", { do: "mute", until: null });
  });

  it("is nothing in a chat that one has left", () => {
    show(roof("member", { membership: "gone" }));
    expect(screen.queryByRole("group", { name: "For you alone" })).toBeNull();
  });
});

describe("how long messages last", () => {
  const bala1 = { ...directWith(bala, { encryption: "mls" }), members: [], myRole: "member" as const, lasts: 0, goesOn: null };

  it("is for both to choose in a direct chat", async () => {
    show(bala1);
    await press("Disappearing messages Off: messages stay");
    expect(screen.getByRole("radio", { name: "Off" })).toBeChecked();
    await user.click(screen.getByRole("radio", { name: "7 days" }));
    await press("Save");
    expect(core.chats.setTimer).toHaveBeenLastCalledWith(bala1.id, 604_800);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("keeps what a newer version has chosen", async () => {
    show({ ...bala1, lasts: 120 });
    await press("Disappearing messages 2 minutes after they are sent");
    expect(screen.getByRole("radio", { name: "2 minutes" })).toBeChecked();
    await press("Save");
    expect(core.chats.setTimer).not.toHaveBeenCalled();
  });

  it("says why it stays when it cannot be said", async () => {
    core.chats.setTimer.mockRejectedValueOnce(ApiError.local("not_found"));
    show(bala1);
    await press(/^Disappearing messages/);
    await user.click(screen.getByRole("radio", { name: "1 hour" }));
    await press("Save");
    expect(await screen.findByRole("alert")).toBeInTheDocument();
  });

  it("is for admins to choose in a group, and for members to know", () => {
    const { unmount } = show(roof("member", { encryption: "mls", lasts: 86_400 }));
    expect(screen.queryByRole("button", { name: /^Disappearing messages/ })).toBeNull();
    expect(screen.getByText(/^New messages disappear 1 day after they are sent/)).toBeInTheDocument();
    unmount();
    show(roof("admin", { encryption: "mls" }));
    expect(screen.getByRole("button", { name: /^Disappearing messages/ })).toBeInTheDocument();
  });

  it("is not promised where the server reads along", () => {
    show(roof("owner"));
    expect(screen.queryByRole("button", { name: /^Disappearing messages/ })).toBeNull();
  });
});

describe("the history for new devices", () => {
  const sealed = roof("owner", { encryption: "mls" });
  const toggle = () => screen.getByRole("switch", { name: /Keep history for my new devices/ });

  it("is deleted only after a question, and can be kept again", async () => {
    show(sealed);
    await user.click(toggle());
    expect(core.keepHistory).not.toHaveBeenCalled();
    await press("Delete and stop");
    expect(core.keepHistory).toHaveBeenLastCalledWith("Roof", false);
    expect(toggle()).not.toBeChecked();
    await user.click(toggle());
    expect(core.keepHistory).toHaveBeenLastCalledWith("Roof", true);
    expect(toggle()).toBeChecked();
  });

  it("says why it stays when the server refuses, and that there is no room", async () => {
    core.keepHistory.mockRejectedValueOnce(ApiError.local("offline"));
    core.history.set({ keep: true, full: true });
    show(sealed);
    expect(screen.getByText(/no more room for this history/)).toBeInTheDocument();
    await user.click(toggle());
    await press("Delete and stop");
    expect(await screen.findByRole("alert")).toBeInTheDocument();
    await press("Cancel");
    expect(toggle()).toBeChecked();
  });

  it("is not asked about where the server reads along", () => {
    show(roof("owner"));
    expect(screen.queryByRole("switch")).toBeNull();
  });
});

/** Opens the menu of a member and chooses. */
async function choose(name: string, what: string): Promise<void> {
  await press(`What to do with ${name}`);
  await user.click(await screen.findByRole("menuitem", { name: what }));
}

describe("a person", () => {
  const chat = { ...directWith(bala), members: [], myRole: "member" as const, lasts: 0, goesOn: null };

  it("shows who it is and whether they are here", () => {
    core.people.set(new Map([["bala", { online: true, lastSeen: null }]]));
    show(chat);
    expect(screen.getByRole("heading", { level: 2, name: "Bala Kumar" })).toBeInTheDocument();
    for (const text of ["@bala.kumar", "online", "Tea and trains."]) expect(screen.getByText(text)).toBeInTheDocument();
  });

  it("says who can read the chat", () => {
    show(chat);
    expect(screen.getByText(/The server can read this chat/)).toBeInTheDocument();
  });

  it("of an encrypted chat leads to the safety number, and says whether it was compared", async () => {
    core.trusted.set(new Map([["bala", { state: "verified", hadVerified: true, since: 0 }]]));
    show({ ...chat, encryption: "mls" });
    await press("Safety number Verified");
    expect(screen.getByText("compare with bala")).toBeInTheDocument();
  });

  it("leads back to the conversation", async () => {
    show(chat);
    await press("Message");
    expect(onBack).toHaveBeenCalledOnce();
  });

  it("of oneself is the notes, without a date and without presence", () => {
    core.people.set(new Map([["me", { online: true, lastSeen: null }]]));
    show({ ...directWith(ME), members: [], myRole: "member", lasts: 0, goesOn: null });
    expect(screen.getByRole("heading", { name: "Notes to self" })).toBeInTheDocument();
    expect(screen.queryByText("online")).not.toBeInTheDocument();
    expect(screen.queryByText(/On Batiyoun since/)).not.toBeInTheDocument();
  });
});

it("a chat that is not here leads to the others", async () => {
  core.show(<ChatInfo chatId="nowhere" onBack={onBack} onLeft={onLeft} onMessage={onMessage} {...windows} />);
  await press("All chats");
  expect(onLeft).toHaveBeenCalledOnce();
});

describe("what one may do in a group", () => {
  it.each<[Role, boolean, string[]]>([
    ["owner", true, ["Bala Kumar", "Chand Rani"]],
    ["admin", true, ["Bala Kumar", "Chand Rani"]],
    ["member", false, []],
  ])("%s", (mine, manages, menus) => {
    show(roof(mine));
    expect(screen.queryByRole("button", { name: "Change the name" }) !== null).toBe(manages);
    expect(screen.queryByRole("button", { name: "Add members" }) !== null).toBe(manages);
    const offered = screen.queryAllByRole("button", { name: /What to do with/ });
    expect(offered.map((each) => each.getAttribute("aria-label")?.slice("What to do with ".length))).toEqual(menus);
    expect(screen.getByRole("button", { name: "Leave group" })).toBeInTheDocument();
  });
});

describe("members", () => {
  it("are made admin at once, and it is said", async () => {
    show(roof("owner"));
    await choose("Chand Rani", "Make admin");
    expect(core.chats.setRole).toHaveBeenCalledExactlyOnceWith("Roof", "chand", "admin");
    await waitFor(() => expect(toasts()).toEqual(["Chand Rani is an admin now"]));
  });

  it("stay what they are when that fails, and it is said why", async () => {
    core.chats.setRole.mockRejectedValueOnce(ApiError.local("offline"));
    show(roof("owner"));
    await choose("Bala Kumar", "Take away admin rights");
    await waitFor(() => expect(toasts()[0]).toContain("The server cannot be reached."));
  });

  it("are removed after a question, and the focus comes back", async () => {
    show(roof("owner"));
    await choose("Chand Rani", "Remove from group");
    const question = await screen.findByRole("alertdialog", { name: "Remove Chand Rani from the group?" });
    expect(core.chats.removeMember).not.toHaveBeenCalled();
    await user.click(within(question).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.getByRole("button", { name: "What to do with Chand Rani" })).toHaveFocus());

    await choose("Chand Rani", "Remove from group");
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Remove from group" }));
    expect(core.chats.removeMember).toHaveBeenCalledExactlyOnceWith("Roof", "chand");
    await waitFor(() => expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument());
    expect(toasts()).toEqual(["Chand Rani was removed"]);
  });

  it("get the group only after a question, which stays when it fails", async () => {
    core.chats.setRole.mockRejectedValueOnce(new ApiError({ code: "conflict", message: "Something changed." }));
    show(roof("owner"));
    await choose("Bala Kumar", "Make owner");
    const question = await screen.findByRole("alertdialog", { name: "Make Bala Kumar the owner?" });
    await user.click(within(question).getByRole("button", { name: "Make owner" }));
    expect(await within(question).findByRole("alert")).toHaveTextContent("Something changed.");
    await user.click(within(question).getByRole("button", { name: "Make owner" }));
    await waitFor(() => expect(question).not.toBeInTheDocument());
    expect(core.chats.setRole).toHaveBeenLastCalledWith("Roof", "bala", "owner");
  });

  it("are shown in full, with the way to talk to them alone", async () => {
    show(roof("member"));
    await press(/^Bala Kumar/);
    const window = await screen.findByRole("dialog", { name: "Bala Kumar" });
    expect(within(window).getByText("Tea and trains.")).toBeInTheDocument();
    expect(within(window).getByText("@bala.kumar · Admin")).toBeInTheDocument();
    await user.click(within(window).getByRole("button", { name: "Message" }));
    await waitFor(() => expect(onMessage).toHaveBeenCalledExactlyOnceWith("with-bala"));
  });

  it("disappear from an open window when they leave the group", async () => {
    show(roof("member"));
    await press(/^Chand Rani/);
    await screen.findByRole("dialog", { name: "Chand Rani" });
    act(() => core.details.set(new Map([["Roof", groupOf("Roof", [member("Roof", ME)])]])));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  });

  it("of a large group are shown in part, all on demand, and can be searched", async () => {
    const many = Array.from({ length: 34 }, (_, n) => member("Roof", person(`p${n}`, `Person ${n}`)));
    show(groupOf("Roof", [member("Roof", ME, "owner"), ...many]));
    const rows = () => within(screen.getByRole("list", { name: "Members" })).getAllByRole("listitem");
    expect(rows()).toHaveLength(30);
    await press("Show all 35 members");
    expect(rows()).toHaveLength(35);
    await user.click(screen.getByRole("textbox", { name: "Search members" }));
    await user.paste("person 33");
    expect(rows().map((each) => each.querySelector("bdi")?.textContent)).toEqual(["Person 33"]);
  });
});

describe("adding members", () => {
  it("offers people who are not in it, and adds those chosen", async () => {
    core.list.set([directWith(bala), directWith(dilip)]);
    show(roof("admin"));
    await press("Add members");
    const window = await screen.findByRole("dialog", { name: "Add members" });
    expect(within(window).getAllByRole("checkbox")).toHaveLength(1);
    expect(within(window).getByRole("button", { name: "Add" })).toBeDisabled();
    await user.click(within(window).getByRole("checkbox", { name: /Dilip Yadav/ }));
    await user.click(within(window).getByRole("button", { name: "Add 1 person" }));
    expect(core.chats.addMembers).toHaveBeenCalledExactlyOnceWith("Roof", ["dilip"]);
    await waitFor(() => expect(window).not.toBeInTheDocument());
    expect(toasts()).toEqual(["1 person added"]);
  });

  it("leaves members out of what the server finds", async () => {
    core.search.mockResolvedValue([bala, chand]);
    show(roof("owner"));
    await press("Add members");
    await user.type(await screen.findByRole("textbox", { name: "Search people to add" }), "a");
    expect(await screen.findByRole("heading", { name: "Nobody new is called “a”" })).toBeInTheDocument();
  });
});

describe("the name", () => {
  it("is changed", async () => {
    show(roof("admin"));
    await press("Change the name");
    const field = await screen.findByRole("textbox", { name: "Group name" });
    expect(field).toHaveFocus();
    await user.clear(field);
    expect(field).toHaveAccessibleDescription("A group needs a name.");
    await user.type(field, "Yard{Enter}");
    expect(core.chats.rename).toHaveBeenCalledExactlyOnceWith("Roof", "Yard");
    await waitFor(() => expect(field).not.toBeInTheDocument());
  });

  it("that is the same asks nobody", async () => {
    show(roof("admin"));
    await press("Change the name");
    await user.type(await screen.findByRole("textbox", { name: "Group name" }), "{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(core.chats.rename).not.toHaveBeenCalled();
  });
});

describe("leaving", () => {
  it.each<[string, ChatDetail, RegExp]>([
    ["a member", roof("member"), /Only an admin can bring you back/],
    ["the owner", roof("owner"), /The longest-standing admin becomes the owner/],
    ["the last one", groupOf("Roof", [member("Roof", ME, "owner")]), /nobody can come back/],
  ])("tells %s what comes of it, then does it", async (_, chat, text) => {
    show(chat);
    await press("Leave group");
    const question = await screen.findByRole("alertdialog", { name: "Leave “Roof”?" });
    expect(question).toHaveAccessibleDescription(text);
    await user.click(within(question).getByRole("button", { name: "Leave group" }));
    expect(core.chats.leave).toHaveBeenCalledExactlyOnceWith("Roof");
    await waitFor(() => expect(onLeft).toHaveBeenCalledOnce());
  });

  it("does not happen without a network", async () => {
    core.chats.leave.mockRejectedValueOnce(ApiError.local("offline"));
    show(roof("member"));
    await press("Leave group");
    const question = await screen.findByRole("alertdialog");
    await user.click(within(question).getByRole("button", { name: "Leave group" }));
    expect(await within(question).findByRole("alert")).toHaveTextContent("The server cannot be reached.");
    expect(onLeft).not.toHaveBeenCalled();
  });
});

it("a group that one is not in any more can only be removed from this browser", async () => {
  show(roof("owner", { membership: "gone" }));
  for (const name of ["Change the name", "Add members", "Leave group"])
    expect(screen.queryByRole("button", { name })).not.toBeInTheDocument();
  expect(screen.queryByText("Chand Rani")).not.toBeInTheDocument();
  await press("Remove chat from this browser");
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Remove chat" }));
  expect(core.chats.forget).toHaveBeenCalledExactlyOnceWith("Roof");
  await waitFor(() => expect(onLeft).toHaveBeenCalledOnce());
});

it("a chat says whether the server can read it", () => {
  const { unmount } = show({ ...chatItem("Roof", { encryption: "mls" }), members: [], myRole: "member", lasts: 0, goesOn: null });
  expect(screen.getByText(/the server cannot read them/)).toBeInTheDocument();
  expect(screen.queryByText(/The server can read this chat/)).not.toBeInTheDocument();
  unmount();
  show({ ...chatItem("Roof", { encryption: "none" }), members: [], myRole: "member", lasts: 0, goesOn: null });
  expect(screen.getByText(/The server can read this chat/)).toBeInTheDocument();
});
