// What stands above the composer stays there when the screen keyboard opens, the composer grows, or the phone is turned.

import { useEffect, type RefObject } from "react";

import type { List } from "./use-opening.ts";

/** As far from the end as still counts as being there, in px. */
const NEAR_END = 2;

/** Browsers hold the upper edge of a scroller when its height changes; this holds the lower one. */
export function useSteady(list: List, scroller: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let height = element.clientHeight;
    let atEnd = list.isAtEnd(NEAR_END);
    let asked: ReturnType<typeof setTimeout> | undefined;
    // After the picture: to ask for heights while rows are being drawn makes the browser lay them out twice.
    const moved = (): void => {
      asked ??= setTimeout(() => {
        asked = undefined;
        // A scroll that comes with a new height is its consequence, not the person's.
        if (element.clientHeight === height) atEnd = list.isAtEnd(NEAR_END);
      });
    };
    const observer = new ResizeObserver(() => {
      const lost = height - element.clientHeight;
      height = element.clientHeight;
      if (atEnd) list.scrollToEnd();
      else if (lost !== 0) element.scrollTop += lost;
    });
    element.addEventListener("scroll", moved, { passive: true });
    observer.observe(element);
    return () => {
      clearTimeout(asked);
      element.removeEventListener("scroll", moved);
      observer.disconnect();
    };
  }, [list, scroller]);
}
