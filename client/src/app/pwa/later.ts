// What belongs to the installed app and can wait until the first screen is up.

import type { ComponentType } from "react";

import type { Cell } from "@/core/live.ts";

import { Cards, type CardsProps } from "./cards.tsx";
import { Install, thisPlace, type InstallOffer } from "./install.ts";
import { RecoveredCard } from "./recovered-card.tsx";
import { UpdateBanner, type UpdateBannerProps } from "./update-banner.tsx";
import { Updates } from "./updates.ts";

export interface Later {
  /** null where there is no service worker: in development, and where the browser has none. */
  updates: Updates | null;
  install: Install;
  UpdateBanner: ComponentType<UpdateBannerProps>;
  Cards: ComponentType<CardsProps>;
  RecoveredCard: ComponentType;
}

/** Begins to look for new versions and for the moment to offer the installation. */
export function begin(workerUrl: string, offer: Cell<InstallOffer | null>): Later {
  const install = new Install(offer, thisPlace());
  addEventListener("appinstalled", () => install.installed());
  return { updates: beginUpdates(workerUrl), install, UpdateBanner, Cards, RecoveredCard };
}

function beginUpdates(url: string): Updates | null {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  if (!import.meta.env.PROD || !serviceWorker) return null;
  const updates = new Updates({ workers: serviceWorker, url, reload: () => location.reload() });
  void updates.start();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void updates.look();
  });
  return updates;
}
