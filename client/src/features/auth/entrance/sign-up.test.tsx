import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { OPTIONS, OWN_USER } from "@/hooks/testing/server.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { SignUp } from "./sign-up.tsx";

let core: FakeCore;
let invite: string | null;
const onChat = vi.fn<(chatId: string) => void>();

beforeEach(() => {
  history.replaceState(null, "", "/signup?next=/c/1#kept");
  sessionStorage.clear();
  invite = null;
  onChat.mockClear();
  core = new FakeCore();
  core.status.set({ state: "signedOut", reason: "none" });
  core.server
    .on("GET /api/auth/options", () => OPTIONS)
    .on("GET /api/auth/check-username", () => ({ available: true }))
    .on("POST /api/auth/request-otp", () => ({ expiresAt: "2026-01-01T00:10:00Z", resendAfter: 30, delivery: "mail" }))
    .on("POST /api/auth/verify-otp", () => ({ ticket: "proved", expiresAt: "2026-01-01T00:30:00Z" }))
    .on("POST /api/auth/signup", () => ({ user: OWN_USER }));
});

const show = async () => act(async () => core.show(<SignUp signInHref="/login" invite={invite} onChat={onChat} />));
const field = (name: string) => screen.getByLabelText(name, { exact: true });
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));
const heading = (name: string) => screen.findByRole("heading", { name });

const address = async (email = "asha@example.org"): Promise<void> => {
  await userEvent.type(field("E-mail"), email);
  await press("Continue");
};
const code = async (): Promise<void> => {
  await heading("Enter the code");
  await userEvent.type(field("Code"), "123456");
};
const name = async (username = "asha"): Promise<void> => {
  await heading("What shall we call you?");
  await userEvent.type(field("Username"), username);
  await press("Continue");
};
const password = async (secret = "long enough"): Promise<void> => {
  await heading("How will you sign in?");
  await userEvent.type(field("New password"), secret);
  await press("Create account");
};

describe("signing up", () => {
  it("goes from the address over its code and the name to the password, and sends all of it", async () => {
    await show();
    expect(screen.getByText("Step 1 of 4")).toBeInTheDocument();
    await address();
    await code();
    expect(await screen.findByText("Step 3 of 4")).toBeInTheDocument();
    await name();
    await password();
    await waitFor(() =>
      expect(core.server.bodies("POST /api/auth/signup")).toEqual([
        { email: "asha@example.org", username: "asha", password: "long enough", ticket: "proved" },
      ]),
    );
    expect(core.session.enter).toHaveBeenCalledOnce();
    expect(location.search + location.hash).toBe("?next=/c/1#kept");
  });

  it("asks for no code where addresses need not be proved", async () => {
    core.server.on("GET /api/auth/options", () => ({ ...OPTIONS, verifyEmail: false, delivery: "console" }));
    await show();
    await address();
    await name();
    expect(screen.getByText("Step 3 of 3")).toBeInTheDocument();
    await password();
    await waitFor(() =>
      expect(core.server.bodies("POST /api/auth/signup")).toEqual([
        { email: "asha@example.org", username: "asha", password: "long enough" },
      ]),
    );
    expect(core.server.bodies("POST /api/auth/request-otp")).toEqual([]);
  });

  it("keeps what was told when one steps back, and does not prove the same address twice", async () => {
    await show();
    await address();
    await code();
    await heading("What shall we call you?");
    await press("Back");
    await heading("Enter the code");
    await press("Back");
    await waitFor(() => expect(field("E-mail")).toHaveValue("asha@example.org"));
    await press("Continue");
    await heading("What shall we call you?");
    expect(core.server.bodies("POST /api/auth/request-otp")).toHaveLength(1);
  });

  it("proves another address anew", async () => {
    await show();
    await address();
    await code();
    await heading("What shall we call you?");
    await act(async () => history.go(-2));
    await waitFor(() => expect(field("E-mail")).toBeInTheDocument());
    await userEvent.clear(field("E-mail"));
    await address("asha@example.com");
    await heading("Enter the code");
    expect(core.server.bodies("POST /api/auth/request-otp")).toHaveLength(2);
  });

  it("begins anew after a reload in the middle, instead of asking for what it cannot use", async () => {
    history.replaceState({ step: "secret" }, "", "/signup");
    await show();
    expect(screen.getByRole("heading", { name: "Create your account" })).toBeInTheDocument();
  });

  it("judges a field when it is left, not while it is written", async () => {
    await show();
    await userEvent.type(field("E-mail"), "asha");
    expect(field("E-mail")).not.toHaveAttribute("aria-invalid");
    await userEvent.tab();
    expect(field("E-mail")).toHaveAccessibleDescription("Write an e-mail address like name@example.org.");
  });

  it("says that a name is free, or taken, and does not go on with a taken one", async () => {
    await show();
    await address();
    await code();
    await heading("What shall we call you?");
    await userEvent.type(field("Username"), "asha");
    expect(await screen.findByText("asha is free")).toBeInTheDocument();
    core.server.on("GET /api/auth/check-username", () => ({ available: false, reason: "taken" }));
    await userEvent.type(field("Username"), "1");
    expect(await screen.findByText("asha1 is taken. Choose another.")).toBeInTheDocument();
    await press("Continue");
    expect(screen.getByRole("heading", { name: "What shall we call you?" })).toBeInTheDocument();
    await waitFor(() => expect(field("Username")).toHaveFocus());
  });

  it("goes back to the name that was taken in a race, and says so there", async () => {
    core.server.on("POST /api/auth/signup", () => {
      throw new ApiError({ code: "username_taken", message: "This username is taken." });
    });
    await show();
    await address();
    await code();
    await name();
    await password();
    await heading("What shall we call you?");
    expect(field("Username")).toHaveAccessibleDescription("This username is taken.");
    expect(field("Username")).toHaveValue("asha");
  });

  it("goes back to the address when its proof has run out", async () => {
    core.server.on("POST /api/auth/signup", () => {
      throw new ApiError({ code: "address_unverified", message: "Your e-mail address is not confirmed." });
    });
    await show();
    await address();
    await code();
    await name();
    await password();
    await heading("Create your account");
    expect(field("E-mail")).toHaveAccessibleDescription("Your e-mail address is not confirmed.");
    await press("Continue");
    await heading("Enter the code");
  });

  it("refuses a password that is too short before the server is asked", async () => {
    await show();
    await address();
    await code();
    await name();
    await password("short");
    expect(field("New password")).toHaveAccessibleDescription("Use at least 8 characters: 3 more.");
    expect(core.server.bodies("POST /api/auth/signup")).toEqual([]);
  });

  it("tells a password manager whose new password it is", async () => {
    await show();
    await address();
    await code();
    await name();
    await heading("How will you sign in?");
    expect(document.querySelector("input[autocomplete=username]")).toHaveValue("asha");
    expect(field("New password")).toHaveAttribute("autocomplete", "new-password");
  });
});

describe("signing up with an invitation", () => {
  const bala = {
    id: "bala",
    username: "bala",
    displayName: "Bala Kumar",
    avatar: null,
    bio: "",
    createdAt: "2026-01-01T00:00:00Z",
    deleted: false,
  };

  beforeEach(() => {
    invite = "code-of-bala";
    core.server
      .on("GET /api/auth/options", () => ({ ...OPTIONS, verifyEmail: false, signup: "invitation" }))
      .on("GET /api/invites/{invite}", () => ({ inviter: bala, expiresAt: "2026-02-01T00:00:00Z" }));
  });

  it("says who invites, sends the code along, and opens the chat with what the link carried", async () => {
    await show();
    expect(await screen.findByText(/Bala Kumar invites you/)).toBeInTheDocument();
    await address();
    await name();
    await password();
    await waitFor(() => expect(onChat).toHaveBeenCalledExactlyOnceWith("with-bala"));
    expect(core.server.bodies("POST /api/auth/signup")).toEqual([
      { email: "asha@example.org", username: "asha", password: "long enough", invite: "code-of-bala" },
    ]);
    expect(core.openInvited).toHaveBeenCalledExactlyOnceWith("bala", "kept");
    expect(sessionStorage.length).toBe(0);
  });

  it("is the only way in where the server wants one", async () => {
    invite = null;
    await show();
    expect(await screen.findByRole("heading", { name: "By invitation only" })).toBeInTheDocument();
    expect(screen.queryByLabelText("E-mail")).not.toBeInTheDocument();
  });

  it("is not needed by the first, who is told what becomes of them", async () => {
    invite = null;
    core.server.on("GET /api/auth/options", () => ({ ...OPTIONS, signup: "invitation", firstUser: true }));
    await show();
    expect(await screen.findByText(/this account will own the server/)).toBeInTheDocument();
    expect(screen.getByLabelText("E-mail")).toBeInTheDocument();
  });

  it("says that the link is worth nothing before the form is filled in", async () => {
    core.server.on("GET /api/invites/{invite}", () => {
      throw new ApiError({ code: "invite_invalid", message: "This invitation is used up.", status: 404 });
    });
    await show();
    expect(await screen.findByText("This invitation is used up.")).toBeInTheDocument();
  });

  it("has no way in where the server is closed", async () => {
    core.server.on("GET /api/auth/options", () => ({ ...OPTIONS, signup: "closed" }));
    await show();
    expect(await screen.findByRole("heading", { name: "Nobody can sign up here" })).toBeInTheDocument();
  });
});
