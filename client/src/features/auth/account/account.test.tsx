import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { OWN_USER } from "@/hooks/testing/server.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { AccountPage } from "./account-page.tsx";

let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  core.server
    .on("DELETE /api/users/me", () => null)
    .on("GET /api/auth/check-username", () => ({ available: true }))
    .on("PUT /api/users/me/username", () => ({ user: OWN_USER }))
    .on("POST /api/users/me/email", () => ({ expiresAt: "2026-01-01T00:10:00Z", resendAfter: 30, delivery: "mail" }))
    .on("POST /api/users/me/email/confirm", () => ({ user: OWN_USER }));
});

const show = () => core.show(<AccountPage onBack={() => {}} />);
const open = async (button: string) => {
  await userEvent.click(screen.getByRole("button", { name: button }));
  return within(await screen.findByRole("dialog"));
};

describe("deleting the account", () => {
  it("says what goes and what stays, and needs the username typed", async () => {
    show();
    const dialog = await open("Delete my account…");
    expect(dialog.getByText(/e-mail address, picture/)).toBeInTheDocument();
    expect(dialog.getByText(/Deleted account/)).toBeInTheDocument();
    await userEvent.type(dialog.getByRole("textbox"), "somebody");
    await userEvent.click(dialog.getByRole("button", { name: "Delete for ever" }));
    expect(core.session.deleteAccount).not.toHaveBeenCalled();
    await waitFor(() => expect(dialog.getByRole("textbox")).toHaveFocus());
    await userEvent.clear(dialog.getByRole("textbox"));
    await userEvent.type(dialog.getByRole("textbox"), "asha.devi");
    await userEvent.click(dialog.getByRole("button", { name: "Delete for ever" }));
    await waitFor(() => expect(core.server.bodies("DELETE /api/users/me")).toEqual([{ username: "asha.devi" }]));
    expect(core.session.deleteAccount).toHaveBeenCalledOnce();
  });
});

describe("another address", () => {
  it("is proved by a code before it counts", async () => {
    show();
    const dialog = await open("Change address");
    await userEvent.type(dialog.getByLabelText("New e-mail address"), "devi@example.org");
    await userEvent.click(dialog.getByRole("button", { name: "Send the code" }));
    await userEvent.type(await dialog.findByLabelText("Code"), "123456");
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(core.server.bodies("POST /api/users/me/email/confirm")).toEqual([{ email: "devi@example.org", code: "123456" }]);
    expect(core.session.change).toHaveBeenCalledOnce();
  });
});

describe("another username", () => {
  it("says at its field that it was taken in a race", async () => {
    core.server.on("PUT /api/users/me/username", () => {
      throw new ApiError({ code: "username_taken", message: "This username is taken." });
    });
    show();
    const dialog = await open("Change username");
    const field = dialog.getByRole("textbox");
    expect(field).toHaveValue("asha.devi");
    await userEvent.clear(field);
    await userEvent.type(field, "asha");
    await userEvent.click(dialog.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(field).toHaveAccessibleDescription("This username is taken."));
  });
});
