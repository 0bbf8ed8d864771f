import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";

import type { ChatDetail } from "@/core/services.ts";
import { directWith, FakeCore, groupOf, ME, member, person } from "@/hooks/testing/services.tsx";

import { ChatInfo } from "./chat-info.tsx";

const user = userEvent.setup();
const bala = person("bala", "Bala Kumar");
const chand = person("chand", "Chand Rani");
const roof = groupOf("Roof", [member("Roof", ME, "owner"), member("Roof", bala, "admin"), member("Roof", chand)]);
let core: FakeCore;

const nothing = (): void => {};
const Block = ({ userId }: { userId: string }) => <p>block {userId}</p>;
const Report = ({ userId, chatId }: { userId: string; chatId: string | null }) => <p>{`report ${userId} of ${chatId}`}</p>;
const windows = { Block, Report, Safety: () => null, Export: () => null };

beforeEach(() => {
  core = new FakeCore();
});

const press = (name: string | RegExp) => user.click(screen.getByRole("button", { name }));

function show(chat: ChatDetail) {
  core.details.set(new Map([[chat.id, chat]]));
  return core.show(<ChatInfo chatId={chat.id} onBack={nothing} onLeft={nothing} onMessage={nothing} {...windows} />);
}

describe("not to hear of somebody any more", () => {
  it("in a direct chat: by a window that asks, and taken back at the same place", async () => {
    show({ ...directWith(bala), members: [], myRole: "member", lasts: 0, goesOn: null });
    await press(/^Block Bala Kumar/);
    expect(screen.getByText("block bala")).toBeInTheDocument();
    act(() => core.blocked.set(new Map([["bala", 0]])));
    await press(/^Unblock Bala Kumar/);
    expect(core.blocks.set).toHaveBeenCalledExactlyOnceWith("bala", false);
    await press(/^Report Bala Kumar/);
    expect(screen.getByText("report bala of with-bala")).toBeInTheDocument();
  });

  it("in a group: from a member's window, which closes, and from the menu", async () => {
    show(roof);
    await press(/^Bala Kumar.*bala\.kumar/);
    await press(/^Block Bala Kumar/);
    expect(screen.getByText("block bala")).toBeInTheDocument();
    expect(screen.queryByRole("dialog")).toBeNull();
    await press("What to do with Chand Rani");
    await user.click(await screen.findByRole("menuitem", { name: "Report" }));
    expect(screen.getByText("report chand of Roof")).toBeInTheDocument();
    act(() => core.blocked.set(new Map([["chand", 0]])));
    expect(screen.getByRole("button", { name: /^Chand Rani.*· Blocked/ })).toBeInTheDocument();
  });

  it("is of no use to oneself", () => {
    show({ ...directWith(ME), members: [], myRole: "member", lasts: 0, goesOn: null });
    expect(screen.queryByRole("button", { name: /^(Block|Report)/ })).toBeNull();
  });
});
