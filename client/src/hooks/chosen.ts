// Choosing people one by one.

import { useMemo, useState } from "react";

export interface Chosen<Item> {
  chosen: readonly Item[];
  ids: ReadonlySet<string>;
  toggle: (item: Item) => void;
}

/** Who has been chosen, in the order of choosing. */
export function useChosen<Item extends { id: string }>(): Chosen<Item> {
  const [chosen, setChosen] = useState<readonly Item[]>([]);
  const ids = useMemo(() => new Set(chosen.map((item) => item.id)), [chosen]);
  const toggle = (item: Item): void =>
    setChosen((before) =>
      before.some((each) => each.id === item.id) ? before.filter((each) => each.id !== item.id) : [...before, item],
    );
  return { chosen, ids, toggle };
}
