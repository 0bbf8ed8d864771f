import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { PersonTrust, SafetyNumber } from "@/core/services.ts";
import { FakeCore, person } from "@/hooks/testing/services.tsx";

import { Held, SafetyDialog } from "./index.ts";

const ravi = person("ravi", "Ravi Kumar");
const number: SafetyNumber = {
  groups: Array.from({ length: 12 }, (_, index) => String(10_000 + index)),
  code: "batiyoun:verify:1:AAAA",
  key: new Uint8Array(32).fill(1),
};
const SINCE = Date.UTC(2026, 10, 23);
let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  core.profiles.set(ravi.id, ravi);
  core.trust.number.mockResolvedValue(number);
});
afterEach(() => {
  vi.restoreAllMocks();
  Reflect.deleteProperty(window, "BarcodeDetector");
  Reflect.deleteProperty(navigator, "mediaDevices");
});

const user = userEvent.setup();
const press = (name: string | RegExp) => user.click(screen.getByRole("button", { name }));
const believe = (state: PersonTrust["state"], hadVerified = state === "verified") =>
  core.trusted.set(new Map([[ravi.id, { state, hadVerified, since: SINCE }]]));

describe("the safety number", () => {
  const onClose = vi.fn<() => void>();
  const show = () => core.show(<SafetyDialog userId={ravi.id} onClose={onClose} />);

  it("is shown in twelve groups, and marking it names the key that was on the screen", async () => {
    believe("first-seen");
    show();
    expect(await screen.findByText("10011")).toBeInTheDocument();
    expect(screen.getAllByRole("listitem").map((each) => each.textContent)).toEqual(number.groups);
    expect(screen.queryByRole("button", { name: "Scan the code" })).not.toBeInTheDocument();
    await press("It is the same: mark as verified");
    expect(core.trust.verify).toHaveBeenCalledExactlyOnceWith(ravi.id, number.key);
  });

  it("of somebody verified says since when, and the mark can be taken away", async () => {
    believe("verified");
    show();
    expect(await screen.findByText(/You know that it is Ravi Kumar/)).toBeInTheDocument();
    await press("Remove the mark");
    expect(core.trust.unverify).toHaveBeenCalledExactlyOnceWith(ravi.id);
  });

  it("is not there before one has met", async () => {
    core.trust.number.mockResolvedValue(null);
    show();
    expect(await screen.findByText(/There is no number yet/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /mark as verified/ })).not.toBeInTheDocument();
  });

  it("warns of new keys, and asks before they are accepted unseen", async () => {
    believe("changed", true);
    show();
    expect(await screen.findByText(/Ravi Kumar was verified with other keys/)).toBeInTheDocument();
    await press("Accept new keys");
    expect(core.trust.accept).not.toHaveBeenCalled();
    const question = await screen.findByRole("alertdialog", { name: "Accept Ravi Kumar's new keys?" });
    await user.click([...question.querySelectorAll("button")].at(-1) as HTMLButtonElement);
    expect(core.trust.accept).toHaveBeenCalledExactlyOnceWith(ravi.id);
  });

  /** A camera that sees these codes one after the other, and then the last one for ever. */
  function camera(...codes: string[]): { stopped: () => boolean } {
    const stop = vi.fn<() => void>();
    vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
    Object.defineProperty(HTMLMediaElement.prototype, "srcObject", { configurable: true, writable: true, value: null });
    const stream = { getTracks: () => [{ stop }] };
    Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: { getUserMedia: async () => stream } });
    window.BarcodeDetector = class {
      detect = async () => [{ rawValue: (codes.length > 1 ? codes.shift() : codes[0]) ?? "" }];
    };
    return { stopped: () => stop.mock.calls.length > 0 };
  }

  it("that a camera finds to be the same marks the person, and the camera stops", async () => {
    believe("first-seen");
    const seen = camera("a shop's code", "theirs");
    core.trust.compare.mockImplementation(async (_, code) => (code === "theirs" ? "same" : "not_a_code"));
    show();
    await screen.findByText("10011");
    await press("Scan the code");
    expect(await screen.findByText(/This is another code/)).toBeInTheDocument();
    await waitFor(() => expect(core.trust.verify).toHaveBeenCalledExactlyOnceWith(ravi.id, number.key));
    expect(seen.stopped()).toBe(true);
  });

  it("that a camera finds to be another one warns, and marks nobody", async () => {
    believe("first-seen");
    camera("theirs");
    core.trust.compare.mockResolvedValue("different");
    show();
    await screen.findByText("10011");
    await press("Scan the code");
    expect(await screen.findByText(/The numbers are not the same/)).toBeInTheDocument();
    expect(core.trust.verify).not.toHaveBeenCalled();
  });
});

describe("while new keys hold what is written", () => {
  it("says whose, and both ways out", async () => {
    believe("changed");
    core.show(<Held userId={ravi.id} />);
    expect(screen.getByRole("alert")).toHaveTextContent("Ravi Kumar's keys are new. Call to check that it is Ravi Kumar.");
    await press("Compare safety number");
    expect(await screen.findByRole("dialog", { name: "Safety number with Ravi Kumar" })).toBeInTheDocument();
  });

  it("says so when the keys of before had been verified", () => {
    believe("changed", true);
    core.show(<Held userId={ravi.id} />);
    expect(screen.getByRole("alert")).toHaveTextContent("not the verified ones");
  });
});
