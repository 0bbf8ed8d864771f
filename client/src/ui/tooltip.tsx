import { Slot } from "radix-ui";
import { useLayoutEffect, useRef, type ReactNode } from "react";

import { useTooltipAnchor } from "./use-tooltip-anchor.ts";

/** Between the thing and its tooltip, and between the tooltip and the edge of the window, in px. */
const GAP = 6;
const EDGE = 8;

/**
 * Wrap the app in it once: one bubble serves every `Tooltip` below. (Radix's brings a positioning engine of 17 kB with it,
 * a ninth of what the first load may weigh, for words that are the accessible name already.)
 */
export function TooltipProvider({ children }: { children: ReactNode }) {
  const { shown, onPointerEnter, onPointerLeave } = useTooltipAnchor();
  const bubble = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    if (!shown || !bubble.current) return;
    const { left, top } = place(shown.anchor.getBoundingClientRect(), bubble.current.getBoundingClientRect());
    bubble.current.style.left = `${left}px`;
    bubble.current.style.top = `${top}px`;
  }, [shown]);

  return (
    <>
      {children}
      {shown && (
        <div
          ref={bubble}
          role="tooltip"
          // It repeats the accessible name of what it stands beside.
          aria-hidden="true"
          onPointerEnter={onPointerEnter}
          onPointerLeave={onPointerLeave}
          className="fixed z-50 w-max max-w-60 animate-appear rounded-sm bg-ink px-2.5 py-1 text-xs font-medium text-canvas select-none"
        >
          {shown.text}
        </div>
      )}
    </>
  );
}

/** Below the thing and centred, above where there is no room, and never over the window's edge. */
export function place(
  anchor: Pick<DOMRect, "left" | "top" | "bottom" | "width">,
  bubble: Pick<DOMRect, "width" | "height">,
): { left: number; top: number } {
  const centred = anchor.left + anchor.width / 2 - bubble.width / 2;
  const left = Math.max(EDGE, Math.min(centred, window.innerWidth - bubble.width - EDGE));
  const below = anchor.bottom + GAP;
  const fits = below + bubble.height + EDGE <= window.innerHeight;
  return { left, top: fits ? below : anchor.top - GAP - bubble.height };
}

/** Words for a thing that has only an icon, on hover and keyboard focus. `children` is one focusable element. */
export function Tooltip({ text, children }: { text: string; children: ReactNode }) {
  return <Slot.Root data-tooltip={text}>{children}</Slot.Root>;
}
