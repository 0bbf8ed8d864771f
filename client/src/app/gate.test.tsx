import { act, screen, waitFor, type RenderResult } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";

import { FakeCore, ME } from "@/hooks/testing/services.tsx";

import { Gate } from "./gate.tsx";

let core: FakeCore;
const at = (path: string): void => history.replaceState(null, "", path);

const show = (): Promise<RenderResult> => act(async () => core.show(<Gate />));

// What is fetched on demand takes its time on a busy machine.
beforeAll(async () => void (await Promise.all([import("@/features/auth/entrance/index.ts"), import("@/features/chats/index.ts")])));

beforeEach(() => {
  core = new FakeCore();
  core.status.set({ state: "signedOut", reason: "none" });
});

describe("the gate", () => {
  it("shows neither form nor chats while nobody knows who is here", async () => {
    core.status.set({ state: "starting" });
    at("/c/1");
    await show();
    expect(screen.getByRole("status")).toHaveTextContent("Opening Batiyoun…");
    expect(location.pathname).toBe("/c/1");
  });

  it("sends a stranger to the sign-in form and, once signed in, to the chat they wanted", async () => {
    at("/c/1");
    await show();
    expect(await screen.findByRole("heading", { name: "Welcome back" })).toBeInTheDocument();
    expect(location.pathname).toBe("/login");
    await act(async () => core.status.set({ state: "signedIn", me: ME, expired: false }));
    expect(location.pathname).toBe("/c/1");
  });

  it("keeps the wish over to the sign-up form", async () => {
    at("/login?next=/c/1");
    await show();
    expect(await screen.findByRole("link", { name: "Create account" })).toHaveAttribute("href", "/signup?next=/c/1");
  });

  it("tells what ended the session", async () => {
    core.status.set({ state: "signedOut", reason: "revoked" });
    at("/");
    await show();
    expect(await screen.findByText(/ended from elsewhere/)).toBeInTheDocument();
  });

  it("does not lead whoever signs in next to the settings of whoever signed out", async () => {
    at("/settings");
    await show();
    expect(location.pathname + location.search).toBe("/login");
  });

  it("keeps the chats on the screen when the session is over, and renews it for the same person", async () => {
    core.status.set({ state: "signedIn", me: ME, expired: true });
    at("/");
    const { unmount } = await show();
    expect(screen.getByRole("navigation", { name: "Chats" })).toBeInTheDocument();
    expect((await screen.findAllByText(/Sign in again to send and receive/)).length).toBeGreaterThan(0);
    unmount();
    at("/login");
    await show();
    await waitFor(() => expect(screen.getByLabelText("Username or e-mail")).toHaveValue(ME.username));
  });
});
