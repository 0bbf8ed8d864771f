import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { OPTIONS, OWN_USER } from "@/hooks/testing/server.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { SecretStep } from "./step-secret.tsx";
import { EMPTY } from "./sign-up-draft.ts";
import { SignIn } from "./sign-in.tsx";

// What the browser and the authenticator do, as far as a test can have them.
const browser = vi.hoisted(() => ({
  passkeysSupported: () => true,
  offersPasskeys: async () => true,
  createPasskey: async (options: unknown): Promise<unknown> => ({ made: options }),
  askForPasskey: async (options: unknown): Promise<unknown> => ({ shown: options }),
  waitForPasskey: (_options: unknown): Promise<unknown> => new Promise(() => {}),
  stopWaiting: (): void => {},
}));
vi.mock("@/hooks/passkey.ts", () => ({
  passkeysSupported: () => browser.passkeysSupported(),
  offersPasskeys: () => browser.offersPasskeys(),
  createPasskey: (options: unknown) => browser.createPasskey(options),
  askForPasskey: (options: unknown) => browser.askForPasskey(options),
  waitForPasskey: (options: unknown) => browser.waitForPasskey(options),
  stopWaiting: () => browser.stopWaiting(),
}));

let core: FakeCore;
const press = async (name: string) => userEvent.click(await screen.findByRole("button", { name }));

beforeEach(() => {
  vi.restoreAllMocks();
  history.replaceState(null, "", "/login");
  core = new FakeCore();
  core.server
    .on("GET /api/auth/options", () => OPTIONS)
    .on("POST /api/auth/passkeys/login-options", () => ({ options: { challenge: "abc" } }))
    .on("POST /api/auth/passkeys/signup-options", () => ({ options: { challenge: "new" } }))
    .on("POST /api/auth/passkeys/login", () => ({ user: OWN_USER }));
});

describe("signing in with a passkey", () => {
  const show = () => act(async () => core.show(<SignIn notice="none" next="/" signUpHref="/signup" forgotHref="/forgot" />));

  it("shows the server what the browser answered", async () => {
    await show();
    await press("Passkey");
    await waitFor(() =>
      expect(core.server.bodies("POST /api/auth/passkeys/login")).toEqual([{ credential: { shown: { challenge: "abc" } } }]),
    );
    expect(core.session.enter).toHaveBeenCalledOnce();
  });

  it("works from the list under the name field, which is marked for it", async () => {
    vi.spyOn(browser, "waitForPasskey").mockResolvedValue({ chosen: true });
    await show();
    await waitFor(() => expect(core.server.bodies("POST /api/auth/passkeys/login")).toEqual([{ credential: { chosen: true } }]));
    expect(screen.getByLabelText("Username or e-mail")).toHaveAttribute("autocomplete", "username webauthn");
  });

  it("says that none was used, and offers the list again", async () => {
    const wait = vi.spyOn(browser, "waitForPasskey");
    vi.spyOn(browser, "askForPasskey").mockRejectedValue(ApiError.local("passkey_unused"));
    await show();
    await waitFor(() => expect(wait).toHaveBeenCalledOnce());
    await press("Passkey");
    expect(await screen.findByRole("alert")).toHaveTextContent("No passkey was used.");
    await waitFor(() => expect(wait).toHaveBeenCalledTimes(2));
  });

  it("stops waiting when the page is left", async () => {
    const stop = vi.spyOn(browser, "stopWaiting");
    const { unmount } = await show();
    await screen.findByRole("button", { name: "Passkey" });
    unmount();
    expect(stop).toHaveBeenCalled();
  });

  it("is not offered where passkeys do not work", async () => {
    core.server.on("GET /api/auth/options", () => ({ ...OPTIONS, passkeys: false }));
    await show();
    expect(await screen.findByRole("button", { name: "Code by e-mail" })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Passkey" })).not.toBeInTheDocument();
    expect(core.server.asked.map((each) => each.operation)).toEqual(["GET /api/auth/options"]);
  });
});

describe("signing up with a passkey", () => {
  it("needs no password: what the browser made takes its place", async () => {
    const onSecret = vi.fn<(secret: unknown) => Promise<void>>(async () => {});
    const draft = { ...EMPTY, email: "asha@example.org", username: "asha", displayName: "Asha" };
    core.show(<SecretStep draft={draft} passkeys onSecret={onSecret} />);
    await press("Create a passkey instead");
    await waitFor(() => expect(onSecret).toHaveBeenCalledExactlyOnceWith({ credential: { made: { challenge: "new" } } }));
    expect(core.server.bodies("POST /api/auth/passkeys/signup-options")).toEqual([
      { email: "asha@example.org", username: "asha", displayName: "Asha" },
    ]);
  });
});
