// What a screen is asked for from another one, besides being opened.

import { Cell } from "@/core/live.ts";

import { go } from "./navigation.ts";
import type { Place } from "./place.ts";

/** Of a conversation: to show a message, or to search it. null: nothing. */
export const wished = new Cell<{ chatId: string; show?: string; find?: true } | null>(null);

/** Frames in which the list of chats comes back, where it had made room for something else. */
const PATIENCE = 20;

/** Brings the focus to the field above the chats. */
export function toSearch(place: Place): void {
  if (place.at !== "list" && place.at !== "chat" && place.at !== "info") go("/");
  const look = (patience: number): void => {
    const field = document.querySelector<HTMLInputElement>("#search");
    field?.focus();
    field?.select();
    // On a phone the list is underneath the conversation, and may not have the focus there.
    if (field && document.activeElement === field) return;
    if (patience === PATIENCE - 2) go("/");
    if (patience > 0) requestAnimationFrame(() => look(patience - 1));
  };
  look(PATIENCE);
}
