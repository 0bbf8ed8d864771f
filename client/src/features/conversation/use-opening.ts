// Where the list stands when a chat is opened.

import type { Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";

import type { Entry } from "./timeline.ts";

export type List = Virtualizer<HTMLDivElement, HTMLDivElement>;

/** So many frames in a row without movement, and the list has arrived. */
const STILL = 3;

/**
 * Once, when the first piece is there: goes to the line above what is new, else to the beginning of a piece from the past,
 * else to the end. True when it has arrived. Until then nothing may be loaded (the virtualizer holds on to an index while
 * it measures its way there) and nothing counts as read.
 */
export function useOpening(list: List, entries: readonly Entry[], atEnd: boolean): boolean {
  const opened = useRef(false);
  const [arrived, setArrived] = useState(false);

  useLayoutEffect(() => {
    if (opened.current || entries.length === 0) return;
    const line = entries.findIndex((entry) => entry.kind === "unread");
    if (line >= 0) list.scrollToIndex(line, { align: "start" });
    else if (atEnd) list.scrollToEnd();
    else list.scrollToIndex(0, { align: "start" });
    opened.current = true;
  }, [atEnd, entries, list]);

  useEffect(() => {
    let last = Number.NaN;
    let still = 0;
    let frame = requestAnimationFrame(function look() {
      const now = list.scrollOffset ?? 0;
      still = opened.current && now === last ? still + 1 : 0;
      last = now;
      if (still >= STILL) setArrived(true);
      else frame = requestAnimationFrame(look);
    });
    return () => cancelAnimationFrame(frame);
  }, [list]);

  return arrived;
}
