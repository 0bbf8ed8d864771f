import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";

import type { ChatDetail, Role } from "@/core/services.ts";
import { FakeCore, groupOf, ME, member } from "@/hooks/testing/services.tsx";
import { useToasts } from "@/ui/toast-store.ts";

import { GroupInfo } from "./group-info.tsx";

let core: FakeCore;
const nothing = (): void => {};

beforeEach(() => {
  core = new FakeCore();
  useToasts.setState({ toasts: [] });
});

function show(mine: Role, more: Partial<ChatDetail>) {
  const chat = groupOf("Roof", [member("Roof", ME, mine)], more);
  return core.show(<GroupInfo chat={chat} myId={ME.id} onLeft={nothing} onMessage={nothing} onCompare={nothing} onBlock={nothing} onReport={nothing} exportWay={null} />);
}

describe("the group's picture", () => {
  const picture = "data:image/webp;base64,UklGRgAA";

  it("is shown, and an admin takes it away", async () => {
    const { container } = show("admin", { encryption: "mls", picture });
    expect(container.querySelector("img")).toHaveAttribute("src", picture);
    await userEvent.click(screen.getByRole("button", { name: /^Group picture/ }));
    await userEvent.click(screen.getByRole("button", { name: "Remove picture" }));
    expect(core.chats.setPicture).toHaveBeenLastCalledWith("Roof", null);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(useToasts.getState().toasts.map((each) => each.text)).toEqual(["The group has no picture any more"]);
  });

  it("is for admins to change, and nothing where the server could see it", () => {
    const { unmount } = show("member", { encryption: "mls", picture });
    expect(screen.queryByRole("button", { name: /^Group picture/ })).toBeNull();
    unmount();
    show("owner", {});
    expect(screen.queryByRole("button", { name: /^Group picture/ })).toBeNull();
  });
});
