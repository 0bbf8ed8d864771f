import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { FakeCore, ME } from "@/hooks/testing/services.tsx";

import { Settings } from "./settings.tsx";

let core: FakeCore;
const show = () => core.show(<Settings onBack={() => {}} onPage={() => {}} />);
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

beforeEach(() => {
  core = new FakeCore();
});

describe("the profile", () => {
  it("is saved when something changed, and not otherwise", async () => {
    show();
    expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
    await userEvent.type(screen.getByLabelText("About you"), "Tea and trains ");
    await press("Save");
    expect(core.session.updateProfile).toHaveBeenCalledExactlyOnceWith({ displayName: "Asha Devi", bio: "Tea and trains" });
  });

  it("needs a name", async () => {
    show();
    await userEvent.clear(screen.getByLabelText("Name"));
    expect(screen.getByLabelText("Name")).toHaveAccessibleDescription("Write a name of at least one character.");
    expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  });

  it("follows a change that was made elsewhere", async () => {
    show();
    core.status.set({ state: "signedIn", me: { ...ME, displayName: "Asha D." }, expired: false });
    await waitFor(() => expect(screen.getByLabelText("Name")).toHaveValue("Asha D."));
  });

  it("keeps what was written when it cannot be saved, and says of which field", async () => {
    core.session.updateProfile.mockRejectedValue(
      new ApiError({ code: "invalid_input", message: "No.", fields: { displayName: "Remove invisible control characters." } }),
    );
    show();
    await userEvent.type(screen.getByLabelText("Name"), "!");
    await press("Save");
    await waitFor(() =>
      expect(screen.getByLabelText("Name")).toHaveAccessibleDescription("Remove invisible control characters."),
    );
    expect(screen.getByLabelText("Name")).toHaveValue("Asha Devi!");
  });
});

describe("signing out", () => {
  const dialog = (name: string) => screen.findByRole("alertdialog", { name });
  const confirm = async (label: string) => {
    const buttons = screen.getAllByRole("button", { name: label });
    await userEvent.click(buttons[buttons.length - 1] ?? document.body);
  };

  it("warns of messages that would be lost, and does nothing when called off", async () => {
    core.session.unsent.mockResolvedValue(2);
    show();
    await press("Sign out");
    expect(await dialog("Sign out of this browser?")).toHaveTextContent("2 messages have not been sent yet");
    await press("Cancel");
    expect(core.session.signOut).not.toHaveBeenCalled();
  });

  it("offers to leave here alone when the server cannot be told", async () => {
    core.session.signOut.mockRejectedValueOnce(ApiError.local("offline"));
    show();
    await press("Sign out");
    await dialog("Sign out of this browser?");
    await confirm("Sign out");
    expect(core.session.signOut).toHaveBeenLastCalledWith({ force: false });
    await dialog("The server cannot be told");
    await press("Sign out here only");
    expect(core.session.signOut).toHaveBeenLastCalledWith({ force: true });
  });
});

describe("what is kept here", () => {
  it("says how safe it is, and what becomes of it when the app is closed", () => {
    core.storage.set({ ...core.storage.get(), persisted: false });
    const { unmount } = show();
    expect(screen.getByText(/the browser may clear them/)).toBeInTheDocument();
    expect(screen.getByText(/even when every tab is closed/)).toBeInTheDocument();
    unmount();
    core.storage.set({ ...core.storage.get(), background: false });
    show();
    expect(screen.getByText(/this browser cannot send while it is closed/)).toBeInTheDocument();
  });

  it("is cleared after a question that names what would be lost", async () => {
    core.session.unsent.mockResolvedValue(1);
    show();
    await press("Clear this browser");
    const dialog = await screen.findByRole("alertdialog", { name: "Clear what is kept in this browser?" });
    expect(dialog).toHaveTextContent("1 message has not been sent yet and would be lost.");
    await press("Cancel");
    expect(core.session.clear).not.toHaveBeenCalled();
    await press("Clear this browser");
    const sure = await screen.findByRole("alertdialog");
    await userEvent.click(within(sure).getByRole("button", { name: "Clear this browser" }));
    expect(core.session.clear).toHaveBeenCalledOnce();
  });
});

describe("what is said of privacy", () => {
  it("is the truth of how bodies are sealed", () => {
    const { unmount } = show();
    expect(screen.getByText(/The server can read the chats that show no lock/)).toBeInTheDocument();
    unmount();
    core.storage.set({ ...core.storage.get(), mode: "mls", persisted: true });
    show();
    expect(screen.queryByText(/The server can read the chats that show no lock/)).not.toBeInTheDocument();
    expect(screen.getByText(/the server cannot read them/)).toBeInTheDocument();
  });
});
