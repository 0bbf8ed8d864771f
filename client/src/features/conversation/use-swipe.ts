// A swipe towards the middle of the screen answers a message, as in other messengers. Only fingers; the menu has it, too.

import { useRef, type PointerEvent } from "react";

/** CSS pixels: what counts, and how far the bubble follows. */
const ENOUGH = 56;
const MOST = 72;

export interface SwipeHandlers {
  onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  onPointerUp: (event: PointerEvent<HTMLElement>) => void;
  onPointerCancel: (event: PointerEvent<HTMLElement>) => void;
}

/** `onSwipe` null: there is nothing to answer. */
export function useSwipe(onSwipe: (() => void) | null): SwipeHandlers {
  const from = useRef<{ x: number; y: number; along: boolean } | null>(null);
  const distance = (event: PointerEvent<HTMLElement>): number => {
    const rtl = getComputedStyle(event.currentTarget).direction === "rtl";
    return (event.clientX - (from.current?.x ?? 0)) * (rtl ? -1 : 1);
  };
  const end = (event: PointerEvent<HTMLElement>): void => {
    event.currentTarget.style.translate = "";
    from.current = null;
  };
  return {
    onPointerDown: (event) => {
      if (onSwipe && event.pointerType === "touch") from.current = { x: event.clientX, y: event.clientY, along: false };
    },
    onPointerMove: (event) => {
      const start = from.current;
      if (!start) return;
      const way = distance(event);
      // Down or up: the person scrolls.
      if (!start.along && Math.abs(event.clientY - start.y) > 12) return end(event);
      if (way < 12) return;
      start.along = true;
      const rtl = getComputedStyle(event.currentTarget).direction === "rtl";
      event.currentTarget.style.translate = `${(rtl ? -1 : 1) * Math.min(way, MOST)}px`;
    },
    onPointerUp: (event) => {
      const enough = from.current?.along === true && distance(event) >= ENOUGH;
      end(event);
      if (enough) onSwipe?.();
    },
    onPointerCancel: end,
  };
}
