// The offer to install: only where it can be done, only at a good moment, and never again after a no.

import { Cell, derived, type Live } from "@/core/live.ts";
import type { ChatItem } from "@/core/services.ts";

/** What Chromium hands out so that the page may ask at a moment of its choice. */
export interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
  readonly userChoice: Promise<{ outcome: "accepted" | "dismissed" }>;
}

/** "prompt": one press installs. "ios": the person has to do it in the browser's menu. */
export type InstallWay = "none" | "prompt" | "ios";

/** What is used of the page around it. */
export interface InstallPlace {
  /** Runs as an installed app already. */
  standalone: boolean;
  /** A browser of iOS or iPadOS, which never offers by itself. */
  ios: boolean;
  storage: Pick<Storage, "getItem" | "setItem">;
}

const KEY = "batiyoun.install";

export class Install {
  readonly way: Live<InstallWay>;
  readonly #offer: Cell<InstallOffer | null>;
  readonly #place: InstallPlace;
  readonly #settled: Cell<boolean>;

  constructor(offer: Cell<InstallOffer | null>, place: InstallPlace) {
    this.#offer = offer;
    this.#place = place;
    const settled = new Cell(place.standalone || place.storage.getItem(KEY) !== null);
    const way = derived(offer, (event): InstallWay => (event ? "prompt" : place.ios ? "ios" : "none"));
    this.#settled = settled;
    this.way = {
      get: () => (settled.get() ? "none" : way.get()),
      subscribe: (changed) => {
        const stops = [settled.subscribe(changed), way.subscribe(changed)];
        return () => stops.forEach((stop) => stop());
      },
    };
  }

  /** Lets the browser ask. What the person answers there is an answer for good. */
  async ask(): Promise<void> {
    const offer = this.#offer.get();
    if (!offer) return;
    // Chromium lets it be used once.
    this.#offer.set(null);
    await offer.prompt();
    const { outcome } = await offer.userChoice;
    this.#settle(outcome === "accepted" ? "yes" : "no");
  }

  /** Not now is never: who wants it later finds it in the browser's menu. */
  refuse(): void {
    this.#settle("no");
  }

  /** It was installed, by this offer or by the browser's own menu. */
  installed(): void {
    this.#settle("yes");
  }

  #settle(answer: "yes" | "no"): void {
    this.#place.storage.setItem(KEY, answer);
    this.#settled.set(true);
  }
}

/** Whether the person has talked with somebody here: an offer before that is noise. */
export const hasTalked = (chats: readonly ChatItem[] | undefined, me: string): boolean =>
  (chats ?? []).some(({ preview, partnerId }) => partnerId !== me && (preview?.seq ?? 0) >= 2);

/** The page as it is. */
export function thisPlace(): InstallPlace {
  const { userAgent, maxTouchPoints } = navigator;
  // iPadOS calls itself a Mac, which has no touch screen.
  const ios = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return { standalone: matchMedia("(display-mode: standalone)").matches, ios, storage: localStorage };
}
