// Between core and the screens: the one `Services` object, and how a component follows a live value of it.

import { createContext, use, useMemo, useSyncExternalStore } from "react";

import type { Live } from "@/core/live.ts";
import type { Services } from "@/core/services.ts";

export const ServicesContext = createContext<Services | null>(null);

/** Everything that core can do. */
export function useServices(): Services {
  const services = use(ServicesContext);
  if (!services) throw new Error("useServices needs a ServicesContext above it");
  return services;
}

/** The value now, and again at every change. The `Live` must be the same one between renders. */
export function useLive<T>(live: Live<T>): T {
  return useSyncExternalStore(live.subscribe, live.get);
}

/** A live query, made anew when `keys` change: `useQuery((s) => s.chats.detail(id), [id])`. */
export function useQuery<T>(make: (services: Services) => Live<T>, keys: readonly unknown[]): T {
  const services = useServices();
  // The keys stand for everything that `make` closes over.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  return useLive(useMemo(() => make(services), [services, ...keys]));
}
