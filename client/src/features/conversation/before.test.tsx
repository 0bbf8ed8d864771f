import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { directWith, FakeCore, groupOf, ME, member, person } from "@/hooks/testing/services.tsx";

import { Before } from "./before.tsx";

const bala = person("bala", "Bala Kumar");
const onOpen = vi.fn<(chatId: string) => void>();
let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  onOpen.mockReset();
});

it("leads from an old chat to the encrypted one", async () => {
  core.show(<Before chat={{ ...directWith(bala), members: [], myRole: "member", lasts: 0 }} onOpen={onOpen} />);
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
