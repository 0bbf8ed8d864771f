// What the app is beyond a page: its worker, its updates, its place among the device's apps. One for the whole program,
// because the browser has one. Only what cannot wait is here; the rest is fetched when the first screen is up.

import { createContext, use } from "react";

import { Cell, type Live } from "@/core/live.ts";

import { whenIdle, withWords } from "../on-demand.tsx";
import { WORKER_URL } from "../trusted-types.ts";
import type { InstallOffer } from "./install.ts";
import type { Later } from "./later.ts";

export interface Pwa {
  /** The rest, once it is here. */
  later: Live<Later | null>;
}

/** Starts what belongs to the installed app. */
export function startPwa(): Pwa {
  const later = new Cell<Later | null>(null);
  // The browser tells it once, and early.
  const offer = new Cell<InstallOffer | null>(null);
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer.set(event as InstallOffer);
  });
  const fetch = async (): Promise<void> => {
    const { begin } = await withWords(import("./later.ts"), "pwa", "keys");
    later.set(begin(WORKER_URL, offer));
  };
  // Without a network and without a worker yet: the next visit brings it.
  whenIdle(() => void fetch().catch(() => {}));
  return { later };
}

export const PwaContext = createContext<Pwa>({ later: new Cell<Later | null>(null) });

export const usePwa = (): Pwa => use(PwaContext);

/** Loads the page anew, in the newest version that there is. */
export function useReload(): () => void {
  const { later } = usePwa();
  return () => {
    const updates = later.get()?.updates;
    if (updates) void updates.apply();
    else location.reload();
  };
}
