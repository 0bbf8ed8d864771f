import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { OPTIONS, OWN_USER } from "@/hooks/testing/server.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { SignIn } from "./sign-in.tsx";

let core: FakeCore;
const sent = { expiresAt: "2026-01-01T00:10:00Z", resendAfter: 30, delivery: "mail" };

beforeEach(() => {
  history.replaceState(null, "", "/login");
  core = new FakeCore();
  core.status.set({ state: "signedOut", reason: "none" });
  core.server
    .on("GET /api/auth/options", () => OPTIONS)
    .on("POST /api/auth/login", () => ({ user: OWN_USER }))
    .on("POST /api/auth/request-otp", () => sent);
});

const show = () => core.show(<SignIn notice="none" next="/" signUpHref="/signup" forgotHref="/forgot-password" />);
const field = (name: string) => screen.getByLabelText(name, { exact: true });
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

describe("signing in with a password", () => {
  it("asks the server with what was written", async () => {
    show();
    await userEvent.type(field("Username or e-mail"), "asha");
    await userEvent.type(field("Password"), "long enough{Enter}");
    await waitFor(() =>
      expect(core.server.bodies("POST /api/auth/login")).toEqual([{ identifier: "asha", password: "long enough" }]),
    );
    expect(core.session.enter).toHaveBeenCalledOnce();
  });

  it("says what is missing, without the server, and puts the focus there", async () => {
    show();
    await userEvent.type(field("Username or e-mail"), "asha");
    await press("Sign in");
    expect(core.server.bodies("POST /api/auth/login")).toEqual([]);
    expect(field("Password")).toBeInvalid();
    expect(field("Password")).toHaveAccessibleDescription("Write your password.");
    await waitFor(() => expect(field("Password")).toHaveFocus());
  });

  it("tells a wrong password until something is changed", async () => {
    core.server.on("POST /api/auth/login", () => {
      throw new ApiError({ code: "invalid_login", message: "Wrong name or password." });
    });
    show();
    await userEvent.type(field("Username or e-mail"), "asha");
    await userEvent.type(field("Password"), "wrong{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("Wrong name or password.");
    await userEvent.type(field("Password"), "x");
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("waits as long as the server says", async () => {
    core.server.on("POST /api/auth/login", () => {
      throw new ApiError({ code: "rate_limited", message: "Slow.", retryAfter: 29.2 });
    });
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

describe("signing in with a code", () => {
  async function askForCode(): Promise<void> {
    show();
    await userEvent.type(field("Username or e-mail"), "asha@example.org");
    await press("Code by e-mail");
    expect(field("E-mail")).toHaveValue("asha@example.org");
    await press("Send the code");
    await screen.findByLabelText("Code");
  }

  it("shows the code as soon as its last digit is there", async () => {
    core.server.on("POST /api/auth/verify-otp", () => ({ user: OWN_USER }));
    await askForCode();
    expect(core.server.bodies("POST /api/auth/request-otp")).toEqual([{ email: "asha@example.org", purpose: "login" }]);
    await userEvent.type(field("Code"), "12345");
    expect(core.server.bodies("POST /api/auth/verify-otp")).toEqual([]);
    await userEvent.type(field("Code"), "6");
    await waitFor(() =>
      expect(core.server.bodies("POST /api/auth/verify-otp")).toEqual([{ email: "asha@example.org", code: "123456" }]),
    );
    expect(core.session.enter).toHaveBeenCalledOnce();
  });

  it("takes a code as it is copied from a letter, and in the digits of Hindi", async () => {
    core.server.on("POST /api/auth/verify-otp", () => ({ user: OWN_USER }));
    await askForCode();
    await userEvent.click(field("Code"));
    await userEvent.paste("  १२३-456 ");
    expect(field("Code")).toHaveValue("123456");
  });

  it("says at the field that a code is wrong, keeps it to be corrected, and tries it once", async () => {
    core.server.on("POST /api/auth/verify-otp", () => {
      throw new ApiError({ code: "invalid_code", message: "This code is wrong.", fields: { code: "This code is wrong." } });
    });
    await askForCode();
    await userEvent.type(field("Code"), "123456");
    await waitFor(() => expect(field("Code")).toHaveAccessibleDescription("This code is wrong."));
    expect(field("Code")).toHaveValue("123456");
    expect(core.server.bodies("POST /api/auth/verify-otp")).toHaveLength(1);
  });

  it("offers another letter once the server takes the wish, and forgets the old code", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    try {
      await askForCode();
      expect(screen.getByText("A new code in 30 s")).toBeInTheDocument();
      await userEvent.type(field("Code"), "12");
      await act(() => vi.advanceTimersByTimeAsync(30_000));
      await press("Send a new code");
      expect(core.server.bodies("POST /api/auth/request-otp")).toHaveLength(2);
      expect(await screen.findByText("A new code in 30 s")).toBeInTheDocument();
      expect(field("Code")).toHaveValue("");
    } finally {
      vi.useRealTimers();
    }
  });

  it("says where the code is when the server sends no mail", async () => {
    core.server.on("POST /api/auth/request-otp", () => ({ ...sent, delivery: "console" }));
    await askForCode();
    expect(screen.getByText(/printed on its console/)).toBeInTheDocument();
  });
});

describe("the second step of signing in", () => {
  beforeEach(() => {
    core.server
      .on("POST /api/auth/login", () => {
        throw new ApiError({ code: "second_factor_required", message: "Nearly.", status: 401 });
      })
      .on("POST /api/auth/second-factor", () => ({ user: OWN_USER }));
  });

  async function nearly(): Promise<void> {
    show();
    await userEvent.type(field("Username or e-mail"), "asha");
    await userEvent.type(field("Password"), "long enough{Enter}");
    await screen.findByRole("heading", { name: "One more step" });
  }

  it("asks for the app's digits and goes on", async () => {
    await nearly();
    await userEvent.type(field("Code of the app"), "123456{Enter}");
    await waitFor(() => expect(core.server.bodies("POST /api/auth/second-factor")).toEqual([{ code: "123456" }]));
    expect(core.session.enter).toHaveBeenCalledTimes(2);
  });

  it("takes a recovery code in place of the app", async () => {
    await nearly();
    await press("Use a recovery code");
    await userEvent.type(field("Recovery code"), "abcd-efgh{Enter}");
    await waitFor(() => expect(core.server.bodies("POST /api/auth/second-factor")).toEqual([{ code: "abcd-efgh" }]));
  });

  it("says at the field that the code is wrong", async () => {
    core.server.on("POST /api/auth/second-factor", () => {
      throw new ApiError({ code: "invalid_code", message: "This code is wrong.", fields: { code: "This code is wrong." } });
    });
    await nearly();
    await userEvent.type(field("Code of the app"), "123456{Enter}");
    await waitFor(() => expect(field("Code of the app")).toHaveAccessibleDescription("This code is wrong."));
  });

  it("is not reached by a reload: nobody knows any more whose sign-in it was", () => {
    history.replaceState({ step: "second" }, "", "/login");
    show();
    expect(screen.getByRole("heading", { name: "Welcome back" })).toBeInTheDocument();
  });
});
