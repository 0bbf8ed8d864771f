// The way to what the pages of accounts do. Not imported by the first load: it would bring their validators along.

import { useMemo } from "react";

import { Entrance } from "@/core/identity/entrance.ts";
import type { Services } from "@/core/services.ts";

import { useServices } from "./services.ts";

/** One part of `core/identity`, over the services: `useIdentity(Sessions)`. */
export function useIdentity<Part>(Part: new (services: Services) => Part): Part {
  const services = useServices();
  return useMemo(() => new Part(services), [services, Part]);
}

/** Signing up and in. */
export const useEntrance = (): Entrance => useIdentity(Entrance);
