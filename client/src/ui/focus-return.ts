import { useLayoutEffect, useRef } from "react";

/**
 * Gives the focus back to what had it before a window opened. Radix does that only for windows with a trigger of its own;
 * ours are opened by state. Returns the handler for `onCloseAutoFocus`.
 */
export function useFocusReturn(open: boolean): (event: Event) => void {
  const before = useRef<HTMLElement | null>(null);
  // Runs before the content is there: Radix puts it into its portal in the commit after this one.
  useLayoutEffect(() => {
    if (open) before.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  }, [open]);
  return (event) => {
    event.preventDefault();
    before.current?.focus();
  };
}
