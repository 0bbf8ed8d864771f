import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { qrOf } from "@/core/crypto/devices/linking.ts";
import { ApiError } from "@/core/errors.ts";
import type { KeysState } from "@/core/services.ts";
import { OPTIONS } from "@/hooks/testing/server.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";
import { speakAlso } from "@/i18n/index.ts";

import { keysNews } from "./keys-card.tsx";
import { KeysPage } from "./keys-page.tsx";

// What the browser and the authenticator do, as far as a test can have them.
const passkeys = vi.hoisted(() => ({ able: true, answers: vi.fn<() => Promise<unknown>>() }));
vi.mock("@/hooks/passkey.ts", () => ({ passkeysSupported: () => passkeys.able }));
vi.mock("@/hooks/passkey-secret.ts", () => ({
  passkeysMayKeepSecrets: async () => passkeys.able,
  askForSecret: vi.fn<() => void>(),
  createWithSecret: () => passkeys.answers(),
}));

const NOW = Date.UTC(2026, 10, 23, 12);
const keys = (state: KeysState["state"], more: Partial<KeysState> = {}): KeysState => ({
  state,
  deviceId: state === "ready" ? "here" : null,
  resetAt: null,
  resetHere: false,
  recoveryAt: null,
  passkeyAt: null,
  ...more,
});

let core: FakeCore;
const show = (state: KeysState): void => {
  core.keysState.set(state);
  core.show(<KeysPage onBack={() => {}} />);
};
const press = (name: string | RegExp): Promise<void> => userEvent.click(screen.getByRole("button", { name }));

afterEach(() => {
  Reflect.deleteProperty(window, "BarcodeDetector");
});

beforeEach(async () => {
  await speakAlso("keys", "devices", "forms", "problems");
  core = new FakeCore();
  passkeys.able = true;
});

describe("where the messages are closed", () => {
  it("offers the ways to open them, the easiest first", () => {
    show(keys("elsewhere"));
    const ways = screen.getAllByRole("listitem").map((each) => each.textContent);
    expect(ways.map((each) => /another device|recovery code|Start over/.exec(each)?.[0])).toEqual([
      "another device",
      "recovery code",
      "Start over",
    ]);
  });

  it("shows the code and the number to compare, and says when they are over", async () => {
    let fail: (error: ApiError) => void = () => {};
    const arrived = () => new Promise<void>((_, reject) => (fail = reject));
    core.desk.askIn.mockResolvedValue({ code: "ABCDEFGHJKMNPQRSTVWX", digits: "123456", expiresAt: NOW, arrived });
    show(keys("elsewhere"));
    await press(/With another device/);
    expect(await screen.findByText("ABCD EFGH JKMN PQRS TVWX")).toBeDefined();
    expect(screen.getByText("123 456")).toBeDefined();
    act(() => fail(new ApiError({ code: "link_over", message: "Nobody used the code in time." })));
    expect((await screen.findByRole("alert")).textContent).toContain("Nobody used the code in time.");
    expect(screen.queryByText("123 456")).toBeNull();
    await press("Show a new code");
    expect(core.desk.askIn).toHaveBeenCalledTimes(2);
  });

  it("says at the field that a recovery code is wrong, and shows the open messages when it was right", async () => {
    const wrong = new ApiError({ code: "wrong_recovery_code", message: "This code does not open your messages." });
    core.desk.restore.mockRejectedValueOnce(wrong);
    show(keys("elsewhere", { recoveryAt: NOW }));
    await press(/With your recovery code/);
    await userEvent.type(screen.getByLabelText("Recovery code"), "abcd");
    await press("Open my messages");
    expect((await screen.findByLabelText("Recovery code")).getAttribute("aria-invalid")).toBe("true");
    await press("Open my messages");
    act(() => core.keysState.set(keys("ready")));
    expect(await screen.findByText(/Your key is in this browser/)).toBeDefined();
  });

  it("opens the messages with the passkey that keeps the key, and a wrong one says so beside the other ways", async () => {
    const wrong = new ApiError({ code: "wrong_passkey", message: "This passkey does not open your messages." });
    core.desk.restoreByPasskey.mockRejectedValueOnce(wrong);
    show(keys("elsewhere", { passkeyAt: NOW }));
    expect(screen.getAllByRole("listitem")[0]?.textContent).toContain("You saved your key with it on");
    await press(/^Use your passkey/);
    await press("Use your passkey");
    expect((await screen.findByRole("alert")).textContent).toContain("This passkey does not open your messages.");
    await press("Other ways");
    expect(screen.getAllByRole("listitem")).toHaveLength(4);
    await press(/^Use your passkey/);
    await press("Use your passkey");
    act(() => core.keysState.set(keys("ready")));
    expect(await screen.findByText(/Your key is in this browser/)).toBeDefined();
  });

  it("does not speak of a passkey where there is none, or none can be used", () => {
    passkeys.able = false;
    show(keys("elsewhere", { passkeyAt: NOW }));
    expect(screen.queryByText("Use your passkey")).toBeNull();
    passkeys.able = true;
    act(() => core.keysState.set(keys("elsewhere")));
    expect(screen.queryByText("Use your passkey")).toBeNull();
  });

  it("starts over only for who says that there is no other way", async () => {
    show(keys("elsewhere"));
    await press(/^Start over/);
    await press("Start over");
    expect(core.desk.startOver).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("checkbox"));
    await press("Start over");
    expect(core.desk.startOver).toHaveBeenCalledOnce();
  });
});

describe("where the key is", () => {
  it("hands it over only after the numbers were compared", async () => {
    const letIn = vi.fn<() => Promise<void>>(async () => {});
    core.desk.whoAsks.mockResolvedValue({ name: "Firefox on Linux", digits: "123456", letIn });
    show(keys("ready"));
    await press("Let another device in");
    await userEvent.type(screen.getByLabelText("Code"), "abcd");
    await press("Continue");
    const dialog = within(await screen.findByRole("dialog"));
    expect(await dialog.findByText(/Firefox on Linux asks for your key/)).toBeDefined();
    expect(dialog.getByText(/123 456/)).toBeDefined();
    expect(letIn).not.toHaveBeenCalled();
    await press("Yes, let it in");
    expect(letIn).toHaveBeenCalledOnce();
  });

  it("keeps a recovery code only when the person has shown that they have it", async () => {
    show(keys("ready"));
    await press("Set one up");
    expect(await screen.findAllByRole("listitem")).toHaveLength(7);
    await press("I have kept it");
    await userEvent.type(screen.getByLabelText("Group number 5"), "AAAA");
    await press("Confirm");
    expect(core.desk.keepCode).not.toHaveBeenCalled();
    await userEvent.clear(screen.getByLabelText("Group number 5"));
    await userEvent.type(screen.getByLabelText("Group number 5"), "eeee");
    await press("Confirm");
    expect(core.desk.keepCode).toHaveBeenCalledWith("AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG");
  });

  it("is asked for by a code that the camera sees, whatever else is in view", async () => {
    const stop = vi.fn<() => void>();
    const stream = { getTracks: () => [{ stop }] };
    Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: { getUserMedia: async () => stream } });
    Object.defineProperty(HTMLMediaElement.prototype, "srcObject", { configurable: true, writable: true, value: null });
    vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
    const seen = ["a shop's code", qrOf("ABCDEFGHJKMNPQRSTVWX")];
    window.BarcodeDetector = class {
      detect = async () => [{ rawValue: seen.shift() ?? "nothing" }];
    };
    core.desk.whoAsks.mockResolvedValue({ name: "Firefox on Linux", digits: "123456", letIn: async () => {} });
    show(keys("ready"));
    await press("Let another device in");
    await press("Scan its code");
    expect(await screen.findByText(/Firefox on Linux asks for your key/)).toBeDefined();
    expect(core.desk.whoAsks).toHaveBeenCalledExactlyOnceWith(qrOf("ABCDEFGHJKMNPQRSTVWX"));
    expect(stop).toHaveBeenCalled();
  });

  describe("with a passkey", () => {
    const PASSKEY = { id: "p", name: "Phone", createdAt: "2026-01-01T00:00:00Z", lastUsedAt: null };
    const made = (able: boolean) => ({ credential: { made: true }, able, answer: { credentialId: "new", secret: null } });
    const open = async (...own: object[]): Promise<void> => {
      core.server
        .on("GET /api/auth/options", () => OPTIONS)
        .on("GET /api/auth/passkeys", () => ({ passkeys: own }))
        .on("POST /api/auth/passkeys/options", () => ({ options: { challenge: "abc" } }))
        .on("POST /api/auth/passkeys", () => ({ passkey: PASSKEY }));
      show(keys("ready"));
      await press("Set one up");
      await userEvent.click(await screen.findByRole("button", { name: /^Save with a passkey/ }));
    };

    it("is saved with one that the person has", async () => {
      await open(PASSKEY);
      await userEvent.click(await screen.findByRole("button", { name: "Save with a passkey" }));
      expect(core.desk.keepByPasskey).toHaveBeenCalledWith(expect.anything(), null);
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    });

    it("is saved with a new one, of which the server sees only what it may", async () => {
      passkeys.answers.mockResolvedValueOnce(made(true));
      await open();
      await userEvent.click(await screen.findByRole("button", { name: "Make a new passkey" }));
      await waitFor(() => expect(core.desk.keepByPasskey).toHaveBeenCalledWith(expect.anything(), { credentialId: "new", secret: null }));
      expect(core.server.bodies("POST /api/auth/passkeys")).toEqual([{ credential: { made: true }, name: "For my messages" }]);
    });

    it("falls to the code where a passkey cannot do it", async () => {
      passkeys.answers.mockResolvedValueOnce(made(false));
      await open();
      await userEvent.click(await screen.findByRole("button", { name: "Make a new passkey" }));
      expect(await screen.findByText(/A passkey cannot keep your key here/)).toBeDefined();
      expect(await screen.findByText("GGGG")).toBeDefined();
      expect(core.desk.keepByPasskey).not.toHaveBeenCalled();
    });

    it("falls to the code where the one that was chosen does not bring it back", async () => {
      core.desk.keepByPasskey.mockRejectedValueOnce(new ApiError({ code: "passkey_cannot", message: "" }));
      await open(PASSKEY);
      await userEvent.click(await screen.findByRole("button", { name: "Save with a passkey" }));
      expect(await screen.findByText("GGGG")).toBeDefined();
    });

    it("stays where it is when the person says no, and what was made meanwhile can be used", async () => {
      passkeys.answers.mockResolvedValueOnce(made(true));
      core.desk.keepByPasskey.mockRejectedValueOnce(ApiError.local("passkey_unused"));
      await open();
      await userEvent.click(await screen.findByRole("button", { name: "Make a new passkey" }));
      expect((await screen.findByRole("alert")).textContent).toContain("No passkey was used.");
      await userEvent.click(screen.getByRole("button", { name: "Save with a passkey" }));
      expect(core.desk.keepByPasskey).toHaveBeenLastCalledWith(expect.anything(), null);
    });
  });

  it("is taken from another device after a question, but not from this one", async () => {
    const device = (id: string, more: object = {}) => ({
      id, sessionId: `of-${id}`, name: "Opera on Haiku", createdAt: NOW, lastSeenAt: NOW, current: false, ...more,
    });
    core.desk.devices.mockResolvedValue([device("phone"), device("gone"), device("here", { current: true })]);
    const session = (id: string, browser: string) => ({
      id, current: id === "of-here", device: { browser, os: "Linux", kind: "computer" },
      createdAt: "2026-01-01T00:00:00Z", lastSeenAt: "2026-01-02T00:00:00Z", expiresAt: "2026-02-01T00:00:00Z",
    });
    core.server.on("GET /api/auth/sessions", () => ({ sessions: [session("of-phone", "Firefox"), session("of-here", "Chrome")] }));
    show(keys("ready"));
    const rows = () => screen.getAllByRole("listitem").map((each) => each.textContent);
    await screen.findByText("Chrome on Linux");
    expect(rows()[0]).toContain("this device");
    // Whose sign-in is over is called what it called itself.
    expect(rows().join()).toContain("Opera on Haiku");
    expect(screen.getAllByRole("button", { name: /^Remove / })).toHaveLength(2);
    await press("Remove Firefox on Linux");
    expect(core.desk.removeDevice).not.toHaveBeenCalled();
    await press("Remove");
    expect(core.desk.removeDevice).toHaveBeenCalledExactlyOnceWith("phone");
    await waitFor(() => expect(rows().join()).not.toContain("Firefox"));
    expect(rows()).toHaveLength(2);
  });

  it("tells that somebody starts over, and stops it", async () => {
    show(keys("ready", { resetAt: NOW }));
    expect(screen.getByText(/Somebody who is signed in as you is starting over/)).toBeDefined();
    await press("Stop it");
    expect(core.desk.keepKeys).toHaveBeenCalledOnce();
  });
});

describe("the card below the chats", () => {
  const week = 7 * 86_400_000;
  it.each([
    ["locked", keys("elsewhere"), false, 0],
    ["locked", keys("replaced"), true, 0],
    ["reset", keys("ready", { resetAt: NOW }), false, 0],
    ["recovery", keys("ready"), true, 0],
    ["recovery", keys("ready"), true, NOW - week - 1],
    ["none", keys("ready"), true, NOW - week + 1],
    ["none", keys("ready"), false, 0],
    ["none", keys("ready", { recoveryAt: NOW }), true, 0],
    ["none", keys("ready", { passkeyAt: NOW }), true, 0],
    ["none", keys("unknown"), true, 0],
    ["none", keys("off"), true, 0],
  ] as const)("says %s", (news, state, talked, quietSince) => {
    expect(keysNews(state, talked, NOW, quietSince)).toBe(news);
  });
});
