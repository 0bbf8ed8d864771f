import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { ActivityPage } from "./activity-page.tsx";
import { SessionsPage } from "./sessions-page.tsx";

let core: FakeCore;
const session = (id: string, browser: string, more: object = {}) => ({
  id,
  current: false,
  device: { browser, os: "Linux", kind: "computer" },
  createdAt: "2026-01-01T00:00:00Z",
  lastSeenAt: "2026-01-02T00:00:00Z",
  expiresAt: "2026-02-01T00:00:00Z",
  ...more,
});

beforeEach(() => {
  core = new FakeCore();
});

describe("the browsers that are signed in", () => {
  const page = () => core.show(<SessionsPage onBack={() => {}} />);
  const rows = async () => (await screen.findAllByRole("listitem")).map((row) => row.textContent);

  beforeEach(() => {
    core.server
      .on("GET /api/auth/sessions", () => ({
        sessions: [session("old", "Firefox"), session("here", "Chrome", { current: true })],
      }))
      .on("DELETE /api/auth/sessions/{session_id}", () => null)
      .on("POST /api/auth/sessions/revoke-others", () => ({ ended: 1 }));
  });

  it("begin with this one, which cannot be cut off here", async () => {
    page();
    const [first, second] = await rows();
    expect(first).toContain("Chrome on Linux");
    expect(first).toContain("this browser");
    expect(second).toContain("Firefox on Linux");
    expect(screen.getAllByRole("button", { name: /^Sign out (Chrome|Firefox)/ })).toHaveLength(1);
  });

  it("are signed out one by one, after a question", async () => {
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Sign out Firefox on Linux" }));
    expect(core.server.asked.map((each) => each.operation)).toEqual(["GET /api/auth/sessions"]);
    await userEvent.click(screen.getByRole("button", { name: "Sign out" }));
    await waitFor(() => expect(screen.getAllByRole("listitem")).toHaveLength(1));
    expect(core.server.asked.at(-1)?.options.path).toEqual({ session_id: "old" });
  });

  it("are signed out all together but this one", async () => {
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Sign out everywhere else" }));
    const again = screen.getAllByRole("button", { name: "Sign out everywhere else" });
    await userEvent.click(again.at(-1) ?? document.body);
    await waitFor(() => expect(screen.getAllByRole("listitem")).toHaveLength(1));
    expect(screen.queryByRole("button", { name: "Sign out everywhere else" })).not.toBeInTheDocument();
  });

  it("say which of them opens the messages, and lead to the page of that key", async () => {
    core.keysState.set({ state: "ready", deviceId: "d", resetAt: null, resetHere: false, recoveryAt: null, passkeyAt: null });
    const device = { id: "d", sessionId: "old", name: "Firefox", createdAt: 0, lastSeenAt: 0, current: false };
    core.desk.devices.mockResolvedValue([device]);
    const onPage = vi.fn<(page: string) => void>();
    core.show(<SessionsPage onBack={() => {}} onPage={onPage} />);
    await waitFor(async () => expect((await rows())[1]).toContain("opens your messages"));
    expect((await rows())[0]).not.toContain("opens your messages");
    await userEvent.click(screen.getByRole("button", { name: /^Key to your messages/ }));
    expect(onPage).toHaveBeenCalledExactlyOnceWith("keys");
  });

  it("say why they cannot be shown, and are asked for again", async () => {
    let down = true;
    core.server.on("GET /api/auth/sessions", () => {
      if (down) throw ApiError.local("offline");
      return { sessions: [session("here", "Chrome", { current: true })] };
    });
    page();
    expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached.");
    down = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await rows()).toHaveLength(1);
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });
});

describe("the security log", () => {
  const event = (id: string, kind: string) => ({
    id,
    kind,
    at: "2026-01-01T00:00:00Z",
    device: { browser: null, os: null, kind: "other" },
    details: {},
  });

  it("goes on behind the last event that is shown", async () => {
    core.server.on("GET /api/users/me/audit", ({ query }) =>
      query?.["before"] === "2"
        ? { events: [event("1", "signed_up")], hasMore: false }
        : { events: [event("3", "totp_off"), event("2", "signed_in")], hasMore: true },
    );
    core.show(<ActivityPage onBack={() => {}} />);
    await userEvent.click(await screen.findByRole("button", { name: "Show older" }));
    await waitFor(() =>
      expect(screen.getAllByRole("listitem").map((row) => row.querySelector("p")?.textContent)).toEqual([
        "Authenticator app turned off",
        "Signed in",
        "Account made",
      ]),
    );
    expect(screen.queryByRole("button", { name: "Show older" })).not.toBeInTheDocument();
  });
});
