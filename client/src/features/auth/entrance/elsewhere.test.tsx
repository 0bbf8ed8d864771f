import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { OPTIONS, OWN_USER } from "@/hooks/testing/server.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { SignIn } from "./sign-in.tsx";
import { SignUp } from "./sign-up.tsx";

let core: FakeCore;
const pending = {
  email: "asha@example.org",
  emailVerified: true,
  displayName: "Asha Kumari",
  suggestedUsername: "asha.k",
  expiresAt: "2026-01-01T00:30:00Z",
};

beforeEach(() => {
  sessionStorage.clear();
  core = new FakeCore();
  core.status.set({ state: "signedOut", reason: "none" });
  core.server
    .on("GET /api/auth/options", () => ({ ...OPTIONS, oidc: { name: "Family ID" } }))
    .on("GET /api/auth/oidc/pending", () => pending)
    .on("POST /api/auth/oidc/signup", () => ({ user: OWN_USER }))
    .on("GET /api/auth/check-username", () => ({ available: true }))
    .on("POST /api/auth/request-otp", () => ({ expiresAt: "2026-01-01T00:10:00Z", resendAfter: 30, delivery: "mail" }))
    .on("POST /api/auth/verify-otp", () => ({ ticket: "proved", expiresAt: "2026-01-01T00:30:00Z" }));
});

describe("signing in with an account elsewhere", () => {
  const showPage = (next = "/") =>
    act(async () => core.show(<SignIn notice="none" next={next} signUpHref="/signup" forgotHref="/forgot" />));

  it("leaves for the provider by its name, and says where to come back to", async () => {
    history.replaceState(null, "", "/login");
    await showPage("/c/1");
    const link = await screen.findByRole("link", { name: "Continue with Family ID" });
    expect(link).toHaveAttribute("href", "/api/auth/google?next=%2Fc%2F1");
  });

  it("says once why the provider's word was not taken", async () => {
    history.replaceState(null, "", "/sign-in#oidc-error=provider_refused");
    await showPage();
    expect(screen.getByRole("alert")).toHaveTextContent("The other account was not accepted.");
    expect(location.hash).toBe("");
  });

  it("takes over the session that the journey has brought, though this browser had signed out", async () => {
    history.replaceState(null, "", "/login");
    core.server.on("GET /api/auth/verify-me", () => ({ user: OWN_USER, token: "t", expiresAt: "2026-01-01T00:05:00Z" }));
    const { unmount } = await showPage();
    const link = await screen.findByRole("link", { name: "Continue with Family ID" });
    link.addEventListener("click", (event) => event.preventDefault());
    expect(core.session.enter).not.toHaveBeenCalled();
    await userEvent.click(link);
    unmount();
    await showPage();
    await waitFor(() => expect(core.session.enter).toHaveBeenCalledOnce());
    expect(await core.session.enter.mock.calls[0]?.[0]()).toMatchObject({ id: OWN_USER.id });
  });

  it("goes on to the second step where one is due", async () => {
    history.replaceState(null, "", "/sign-in#second-factor");
    await showPage();
    expect(await screen.findByRole("heading", { name: "One more step" })).toBeInTheDocument();
  });
});

describe("signing up with an account elsewhere", () => {
  const onChat = vi.fn<(chatId: string) => void>();
  const show = async (): Promise<void> => {
    history.replaceState(null, "", "/sign-up#oidc");
    await act(async () => core.show(<SignUp signInHref="/login" invite={null} onChat={onChat} />));
  };

  it("asks only for what the provider did not say", async () => {
    await show();
    expect(await screen.findByText("You sign up as asha@example.org.")).toBeInTheDocument();
    expect(screen.getByLabelText("Username")).toHaveValue("asha.k");
    await userEvent.click(screen.getByRole("button", { name: "Create account" }));
    await waitFor(() =>
      expect(core.server.bodies("POST /api/auth/oidc/signup")).toEqual([{ username: "asha.k", displayName: "Asha Kumari" }]),
    );
    expect(core.session.enter).toHaveBeenCalledOnce();
  });

  it("proves an address that the provider did not check", async () => {
    core.server.on("GET /api/auth/oidc/pending", () => ({ ...pending, emailVerified: false }));
    await show();
    await userEvent.click(await screen.findByRole("button", { name: "Send the code" }));
    await userEvent.type(await screen.findByLabelText("Code"), "123456");
    await userEvent.click(await screen.findByRole("button", { name: "Create account" }));
    await waitFor(() =>
      expect(core.server.bodies("POST /api/auth/oidc/signup")).toEqual([
        { username: "asha.k", displayName: "Asha Kumari", ticket: "proved" },
      ]),
    );
  });

  it("says at its field that the suggested name was taken meanwhile", async () => {
    core.server.on("POST /api/auth/oidc/signup", () => {
      throw new ApiError({ code: "username_taken", message: "This username is taken." });
    });
    await show();
    await userEvent.click(await screen.findByRole("button", { name: "Create account" }));
    await waitFor(() => expect(screen.getByLabelText("Username")).toHaveAccessibleDescription("This username is taken."));
  });

  it("says that it took too long, and leads back", async () => {
    core.server.on("GET /api/auth/oidc/pending", () => {
      throw new ApiError({ code: "sign_in_over", message: "That took too long.", status: 401 });
    });
    await show();
    expect(await screen.findByRole("alert")).toHaveTextContent("That took too long.");
    expect(screen.getByRole("link", { name: "Back to signing in" })).toHaveAttribute("href", "/login");
  });
});
