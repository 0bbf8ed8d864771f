import { useEffect, useRef, type RefObject } from "react";

import { pathOf, type Place } from "./place.ts";

/**
 * Keeps the keyboard where the person is. When a page that had the focus goes away, the browser drops it at the top of the
 * document; then it is put into the new page, or back to where it was in the list. A page that takes the focus by itself
 * keeps it.
 */
export function useFocus(place: Place): {
  list: RefObject<HTMLDivElement | null>;
  page: RefObject<HTMLElement | null>;
} {
  const list = useRef<HTMLDivElement>(null);
  const page = useRef<HTMLElement>(null);
  const inList = useRef<HTMLElement | null>(null);
  const path = place.at === "unknown" ? "" : pathOf(place);
  const first = useRef(true);

  useEffect(() => {
    const pane = list.current;
    const remember = (event: FocusEvent): void => void (inList.current = event.target as HTMLElement);
    pane?.addEventListener("focusin", remember);
    return () => pane?.removeEventListener("focusin", remember);
  }, []);

  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    // After the page's own effects, which may focus a field.
    const frame = requestAnimationFrame(() => {
      const { activeElement, body } = document;
      // What is covered now loses the focus only after this frame.
      if (activeElement !== null && activeElement !== body && !activeElement.closest("[inert]")) return;
      const known = inList.current?.isConnected === true ? inList.current : null;
      const target = path === "/" ? (known ?? list.current) : (page.current ?? list.current);
      target?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [path]);

  return { list, page };
}
