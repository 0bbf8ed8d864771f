// Before the page is loaded anew by the app itself: what is half written is put into the database first.

import { useEffect } from "react";

type Save = () => Promise<void> | void;

const saves = new Set<Save>();

/** Calls `save` before the app reloads itself; returns how to stop. */
export function onLeaving(save: Save): () => void {
  saves.add(save);
  return () => void saves.delete(save);
}

/** The same, while the component is on the screen. `save` must be the same function between renders. */
export function useLeaving(save: Save): void {
  useEffect(() => onLeaving(save), [save]);
}

/** Resolves when everything that is half written is kept; a save that fails holds nobody up. */
export async function saveAll(): Promise<void> {
  await Promise.allSettled([...saves].map(async (save) => save()));
}
