// A long press, or the right button of a mouse.

import { useCallback, useEffect, useRef, type MouseEvent, type PointerEvent, type TouchEvent } from "react";

/** How long a finger rests before it counts, in ms; and how far it may move, in CSS pixels. */
const REST = 450;
const SLACK = 10;

export interface HoldHandlers {
  onContextMenu: (event: MouseEvent) => void;
  onPointerDown: (event: PointerEvent) => void;
  onPointerMove: (event: PointerEvent) => void;
  onPointerUp: () => void;
  onPointerCancel: () => void;
  onTouchEnd: (event: TouchEvent) => void;
}

/** Links and selected words keep the browser's own menu; what is `data-held` is part of what is held. */
function belongsToBrowser(target: EventTarget | null): boolean {
  if (target instanceof Element && target.closest("a, button:not([data-held])")) return true;
  return !(getSelection()?.isCollapsed ?? true);
}

/** Handlers for the thing that is held. iOS tells no `contextmenu`, so fingers are timed as well. */
export function useHold(onHold: () => void): HoldHandlers {
  const press = useRef<{ timer: number; x: number; y: number } | null>(null);
  const held = useRef(false);
  const end = useCallback((): void => {
    if (press.current) clearTimeout(press.current.timer);
    press.current = null;
  }, []);
  useEffect(() => end, [end]);

  return {
    onContextMenu: (event) => {
      end();
      if (belongsToBrowser(event.target)) return;
      event.preventDefault();
      onHold();
    },
    onPointerDown: (event) => {
      end();
      held.current = false;
      if (event.pointerType === "mouse" || belongsToBrowser(event.target)) return;
      const timer = window.setTimeout(() => {
        held.current = true;
        onHold();
      }, REST);
      press.current = { timer, x: event.clientX, y: event.clientY };
    },
    onPointerMove: (event) => {
      const start = press.current;
      if (start && Math.hypot(event.clientX - start.x, event.clientY - start.y) > SLACK) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    // The click that follows when the finger lifts would close what the press opened.
    onTouchEnd: (event) => {
      if (held.current && event.cancelable) event.preventDefault();
    },
  };
}
