// Goes to one message and marks it for a moment.

import { useEffect, useRef, useState } from "react";

import type { Entry } from "./timeline.ts";
import type { Target } from "./use-asks.tsx";
import type { List } from "./use-opening.ts";

/** How long it is marked, in ms. */
const MARKED = 1_800;

/** The key of the message that is marked now. `arrived`: the list stands where it was opened, and may be moved. */
export function useTarget(list: List, entries: readonly Entry[], target: Target | null, arrived: boolean): string | null {
  /** The turn whose mark is over. */
  const [over, setOver] = useState(0);
  const done = useRef(0);

  useEffect(() => {
    if (!target || !arrived || done.current === target.turn) return;
    const index = entries.findIndex((entry) => entry.key === target.key);
    if (index < 0) return; // its piece is still being read
    done.current = target.turn;
    list.scrollToIndex(index, { align: "center" });
  }, [arrived, entries, list, target]);

  useEffect(() => {
    if (!target) return;
    const timer = setTimeout(() => setOver(target.turn), MARKED);
    return () => clearTimeout(timer);
  }, [target]);
  return target && target.turn > over ? target.key : null;
}
