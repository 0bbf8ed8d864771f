// Walking through the messages with the arrow keys: the list is one stop of the Tab key, not one per message.

import type { KeyboardEvent } from "react";

/** Marks what takes the focus in a message: the button that opens what can be done with it, or its box; holds its key. */
export const STOP = "data-message-stop";

const STEPS: Partial<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };

/**
 * For the list's `onKeyDownCapture`: from one message's button to the next, which comes into view. `onExtend` is told the
 * keys of both when Shift is held.
 */
export function walk(event: KeyboardEvent<HTMLElement>, onExtend: (from: string, to: string) => void): void {
  const step = STEPS[event.key];
  const from = event.target instanceof HTMLElement ? event.target : null;
  if (!step || !from?.hasAttribute(STOP) || from.dataset["state"] === "open") return;
  // Rows are drawn in the order in which they were measured; where they stand is what counts.
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>(`[${STOP}]`)].toSorted(
    (one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top,
  );
  const next = stops[stops.indexOf(from) + step];
  // Before Radix hears it, which would open the menu.
  event.preventDefault();
  event.stopPropagation();
  if (!next) return;
  next.focus({ preventScroll: true });
  next.closest("[role=listitem]")?.scrollIntoView({ block: "nearest" });
  if (event.shiftKey) onExtend(from.getAttribute(STOP) ?? "", next.getAttribute(STOP) ?? "");
}
