// What people are called on the screen.

import { useMemo } from "react";

import type { Live } from "@/core/live.ts";
import type { Profile } from "@/core/services.ts";

import { useLive, useServices } from "./services.ts";

type Names = ReadonlyMap<string, string>;

/** Several profiles as one live map of names; the same reference until a name changes. */
function namesOf(people: readonly (readonly [string, Live<Profile | null | undefined>])[]): Live<Names> {
  let last: Names = new Map();
  return {
    get: () => {
      const next = new Map<string, string>();
      for (const [id, live] of people) {
        const name = live.get()?.displayName;
        if (name !== undefined) next.set(id, name);
      }
      const same = next.size === last.size && [...next].every(([id, name]) => last.get(id) === name);
      if (!same) last = next;
      return last;
    },
    subscribe: (changed) => {
      const stops = people.map(([, live]) => live.subscribe(changed));
      return () => stops.forEach((stop) => stop());
    },
  };
}

/** The display names of these people, as far as they are known, by id. */
export function useNames(ids: readonly string[]): Names {
  const services = useServices();
  const key = [...new Set(ids)].toSorted().join(",");
  return useLive(
    useMemo(
      () => namesOf(key ? key.split(",").map((id) => [id, services.people.profile(id)] as const) : []),
      [services, key],
    ),
  );
}
