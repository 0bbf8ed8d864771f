import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { SignIn } from "./sign-in.tsx";
import { SignUp } from "./sign-up.tsx";

let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  core.status.set({ state: "signedOut", reason: "none" });
});

const field = (name: string) => screen.getByLabelText(name, { exact: true });
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

describe("signing in", () => {
  const show = () => core.show(<SignIn notice="none" signUpHref="/signup" />);

  it("asks the server with what was written", async () => {
    show();
    await userEvent.type(field("Username or e-mail"), "asha");
    await userEvent.type(field("Password"), "long enough{Enter}");
    expect(core.session.signIn).toHaveBeenCalledExactlyOnceWith("asha", "long enough");
  });

  it("says what is missing, without the server, and puts the focus there", async () => {
    show();
    await userEvent.type(field("Username or e-mail"), "asha");
    await press("Sign in");
    expect(core.session.signIn).not.toHaveBeenCalled();
    expect(field("Password")).toBeInvalid();
    expect(field("Password")).toHaveAccessibleDescription("Write your password.");
    await waitFor(() => expect(field("Password")).toHaveFocus());
  });

  it("tells a wrong password until something is changed", async () => {
    core.session.signIn.mockRejectedValue(new ApiError({ code: "invalid_login", message: "Wrong name or password." }));
    show();
    await userEvent.type(field("Username or e-mail"), "asha");
    await userEvent.type(field("Password"), "wrong{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("Wrong name or password.");
    await userEvent.type(field("Password"), "x");
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("waits as long as the server says", async () => {
    core.session.signIn.mockRejectedValue(new ApiError({ code: "rate_limited", message: "Slow.", retryAfter: 29.2 }));
    show();
    await userEvent.type(field("Username or e-mail"), "asha");
    await userEvent.type(field("Password"), "wrong");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await act(async () => fireEvent.submit(field("Password")));
      expect(screen.getByRole("alert")).toHaveTextContent("Too many attempts. Try again in 30 seconds.");
      expect(screen.getByRole("button", { name: "Sign in" })).toBeDisabled();
      await act(() => vi.advanceTimersByTimeAsync(30_000));
      expect(screen.queryByRole("alert")).not.toBeInTheDocument();
      expect(screen.getByRole("button", { name: "Sign in" })).toBeEnabled();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("signing up", () => {
  const show = () => core.show(<SignUp signInHref="/login" />);
  const fill = async (username = "asha") => {
    await userEvent.type(field("Username"), username);
    await userEvent.type(field("E-mail"), "asha@example.org");
    await userEvent.type(field("Password"), "long enough");
  };

  it("leaves out a display name that was not written", async () => {
    show();
    await fill();
    await press("Create account");
    expect(core.session.signUp).toHaveBeenCalledExactlyOnceWith({
      username: "asha",
      email: "asha@example.org",
      password: "long enough",
    });
  });

  it("judges a field when it is left, not while it is written", async () => {
    show();
    await userEvent.type(field("Password"), "short");
    expect(field("Password")).toBeValid();
    await userEvent.tab();
    expect(field("Password")).toHaveAccessibleDescription("Use at least 8 characters: 3 more.");
  });

  it("says that a name is free, or taken, and does not ask to sign up with a taken one", async () => {
    show();
    await fill();
    expect(await screen.findByText("asha is free")).toBeInTheDocument();
    core.session.checkUsername.mockResolvedValue({ available: false, reason: "taken" });
    await userEvent.type(field("Username"), "1");
    expect(await screen.findByText("asha1 is taken. Choose another.")).toBeInTheDocument();
    await press("Create account");
    expect(core.session.signUp).not.toHaveBeenCalled();
    await waitFor(() => expect(field("Username")).toHaveFocus());
  });

  it("shows what the server says of a field at that field, also when the name was taken in a race", async () => {
    core.session.signUp.mockRejectedValue(new ApiError({ code: "username_taken", message: "This username is taken." }));
    show();
    await fill();
    await press("Create account");
    await waitFor(() => expect(field("Username")).toHaveAccessibleDescription("This username is taken."));
    core.session.signUp.mockRejectedValue(
      new ApiError({ code: "invalid_input", message: "No.", fields: { email: "Use a shorter address." } }),
    );
    await userEvent.type(field("Username"), "2");
    await press("Create account");
    await waitFor(() => expect(field("E-mail")).toHaveAccessibleDescription("Use a shorter address."));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });
});
