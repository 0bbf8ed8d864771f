import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { directWith, FakeCore, groupOf, ME, member, person } from "@/hooks/testing/services.tsx";

import { Before } from "./before.tsx";

const bala = person("bala", "Bala Kumar");
const FROZEN = { encryption: "mls" as const, frozen: true as const };
const onOpen = vi.fn<(chatId: string) => void>();
let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  onOpen.mockReset();
});

it("leads from an old chat to the encrypted one", async () => {
  core.show(<Before chat={{ ...directWith(bala), members: [], myRole: "member", lasts: 0, goesOn: null }} onOpen={onOpen} />);
  expect(screen.getByText(/only the two of you can read/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Continue encrypted" }));
  expect(onOpen).toHaveBeenCalledExactlyOnceWith("after-with-bala");
});

it("says who has to begin the encrypted group", async () => {
  core.chats.continueSealed.mockRejectedValue(new ApiError({ code: "successor_missing", message: "Ask an admin." }));
  core.show(<Before chat={groupOf("Roof", [member("Roof", ME), member("Roof", bala, "owner")])} onOpen={onOpen} />);
  await userEvent.click(screen.getByRole("button", { name: "Continue encrypted" }));
  expect(await screen.findByRole("status")).toHaveTextContent("Ask an admin.");
  expect(onOpen).not.toHaveBeenCalled();
});

it("says what happened to a frozen chat, and leads out of it", async () => {
  core.show(<Before chat={{ ...directWith(bala, FROZEN), members: [], myRole: "member", lasts: 0, goesOn: null }} onOpen={onOpen} />);
  expect(screen.getByRole("heading", { name: "Nothing can be sent here any more" })).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Continue in a new chat" }));
  expect(core.chats.continueSealed).toHaveBeenCalledExactlyOnceWith("with-bala");
  expect(onOpen).toHaveBeenCalledExactlyOnceWith("after-with-bala");
});

it("says who can begin the group that a frozen one goes on in", () => {
  const [me, owner] = [member("Roof", ME), member("Roof", bala, "owner")];
  const { unmount } = core.show(<Before chat={groupOf("Roof", [owner, me], FROZEN)} onOpen={onOpen} />);
  expect(screen.getByText(/^Bala Kumar can begin the new chat/)).toBeInTheDocument();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
  unmount();
  const asked = person("chand", "Chand Rao");
  core.show(<Before chat={groupOf("Roof", [owner, member("Roof", asked, "admin"), me], FROZEN)} onOpen={onOpen} />);
  expect(screen.getByText(/^Bala Kumar and Chand Rao can begin/)).toBeInTheDocument();
});

it("leads everybody to the chat that took a chat's place, without asking the server", async () => {
  const more = { encryption: "mls" as const, goesOn: "new-roof" };
  core.show(<Before chat={groupOf("Roof", [member("Roof", ME)], more)} onOpen={onOpen} />);
  await userEvent.click(screen.getByRole("button", { name: "Open the new chat" }));
  expect(onOpen).toHaveBeenCalledExactlyOnceWith("new-roof");
  expect(core.chats.continueSealed).not.toHaveBeenCalled();
});
