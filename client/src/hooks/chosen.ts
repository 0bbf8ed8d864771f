// Choosing people one by one.

import { useMemo, useState } from "react";

import type { Profile } from "@/core/services.ts";
import type { Pickable } from "@/ui/person-picker.tsx";

export const pickable = (person: Profile): Pickable => ({
  id: person.id,
  name: person.displayName,
  detail: `@${person.username}`,
  avatar: person.avatar,
});

export interface ChosenPeople {
  chosen: readonly Pickable[];
  ids: ReadonlySet<string>;
  toggle: (person: Pickable) => void;
}

/** Who has been chosen, in the order of choosing. */
export function useChosen(): ChosenPeople {
  const [chosen, setChosen] = useState<readonly Pickable[]>([]);
  const ids = useMemo(() => new Set(chosen.map((person) => person.id)), [chosen]);
  const toggle = (person: Pickable): void =>
    setChosen((before) =>
      before.some((each) => each.id === person.id) ? before.filter((each) => each.id !== person.id) : [...before, person],
    );
  return { chosen, ids, toggle };
}
