import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { Cell } from "@/core/live.ts";
import { directWith, FakeCore, ME, person, saying } from "@/hooks/testing/services.tsx";
import { speakAlso } from "@/i18n/index.ts";

import { InstallCard } from "./install-card.tsx";
import { hasTalked, Install, type InstallOffer } from "./install.ts";

const BALA = person("bala", "Bala Kumar");
const said = (seq: number) => {
  const preview = saying("Hello", "bala");
  return directWith(BALA, { preview: preview && { ...preview, seq } });
};

/** What Chromium hands out; `outcome` is what the person answers in its window. */
function offered(outcome: "accepted" | "dismissed"): InstallOffer & { prompt: ReturnType<typeof vi.fn> } {
  return Object.assign(new Event("beforeinstallprompt"), {
    prompt: vi.fn<() => Promise<void>>(async () => {}),
    userChoice: Promise.resolve({ outcome }),
  });
}

let kept: Map<string, string>;
let offer: Cell<InstallOffer | null>;
const storage = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
};
const make = (place: { standalone?: boolean; ios?: boolean } = {}): Install =>
  new Install(offer, { standalone: false, ios: false, ...place, storage });

let core: FakeCore;
beforeEach(async () => {
  await speakAlso("pwa");
  kept = new Map();
  offer = new Cell<InstallOffer | null>(null);
  core = new FakeCore();
  core.list.set([said(2)]);
});

describe("the moment", () => {
  it("is after both have said something", () => {
    expect(hasTalked([said(2)], ME.id)).toBe(true);
    expect(hasTalked([said(1)], ME.id)).toBe(false);
    expect(hasTalked(undefined, ME.id)).toBe(false);
  });

  it("is not for notes to oneself", () => {
    const note = saying("Milk", ME.id);
    expect(hasTalked([directWith(ME, { preview: note && { ...note, seq: 9 } })], ME.id)).toBe(false);
  });
});

describe("the offer", () => {
  it("comes when the browser can install, and not in the installed app", () => {
    const [here, installed] = [make(), make({ standalone: true })];
    expect(here.way.get()).toBe("none");
    offer.set(offered("accepted"));
    expect(here.way.get()).toBe("prompt");
    expect(installed.way.get()).toBe("none");
  });

  it("never comes again after a no, here or in the browser's own window", async () => {
    offer.set(offered("accepted"));
    const first = make();
    first.refuse();
    expect(first.way.get()).toBe("none");
    expect(make().way.get()).toBe("none");

    kept.clear();
    offer.set(offered("dismissed"));
    await make().ask();
    offer.set(offered("accepted"));
    expect(make().way.get()).toBe("none");
  });

  it("explains the way of iOS, which has no offer of its own", () => {
    expect(make({ ios: true }).way.get()).toBe("ios");
  });
});

describe("the card", () => {
  const card = () => screen.queryByRole("complementary", { name: "Batiyoun as an app" });

  it("waits for the first conversation", () => {
    core.list.set([]);
    offer.set(offered("accepted"));
    core.show(<InstallCard install={make()} />);
    expect(card()).not.toBeInTheDocument();
    act(() => core.list.set([said(2)]));
    expect(card()).toBeInTheDocument();
  });

  it("lets the browser ask, and goes", async () => {
    const event = offered("accepted");
    offer.set(event);
    core.show(<InstallCard install={make()} />);
    await userEvent.click(screen.getByRole("button", { name: "Install" }));
    expect(event.prompt).toHaveBeenCalledOnce();
    expect(card()).not.toBeInTheDocument();
  });

  it("goes for good with its no", async () => {
    offer.set(offered("accepted"));
    core.show(<InstallCard install={make()} />);
    await userEvent.click(screen.getByRole("button", { name: "Not now" }));
    expect(card()).not.toBeInTheDocument();
    expect(make().way.get()).toBe("none");
  });

  it("says how it is done on iOS", () => {
    core.show(<InstallCard install={make({ ios: true })} />);
    expect(card()).toHaveTextContent("Tap the Share button of your browser");
  });
});
