import { useMemo, useSyncExternalStore } from "react";

/** Whether a media query holds, now and after every change. */
export function useMedia(query: string): boolean {
  const list = useMemo(() => matchMedia(query), [query]);
  return useSyncExternalStore(
    (changed) => {
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => list.matches,
  );
}

/** Two panes side by side. */
export const WIDE = "(min-width: 900px)";
/** Three: the chat's info beside the conversation. */
export const WIDEST = "(min-width: 1200px)";
