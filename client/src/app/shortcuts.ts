// Keys that work everywhere in the app. Settings list them (features/settings/keyboard.tsx).

import { useEffect, useEffectEvent } from "react";

import type { ChatItem } from "@/core/services.ts";

import { go, leave } from "./navigation.ts";
import { pathOf, type Place } from "./place.ts";
import { toSearch, wished } from "./wished.ts";

/** What a key press asks for; null: nothing of ours. */
export type Wish = "search" | "find" | "new" | "settings" | "help" | "previous" | "next" | "back" | null;

type Press = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "isComposing">;

/**
 * Reads a key press. By position for letters, comma and slash, because with a Hindi layout the key gives another letter; the slash
 * also by what it gives, because on many layouts it stands elsewhere and needs Shift.
 */
export function wishOf(press: Press): Wish {
  const mod = press.ctrlKey !== press.metaKey && !press.altKey;
  if (mod && press.key === "/" && !press.isComposing) return "help";
  if (press.isComposing || press.shiftKey) return null;
  const bare = !press.ctrlKey && !press.metaKey;
  if (mod && press.code === "KeyK") return "search";
  if (mod && press.code === "KeyF") return "find";
  if (bare && press.altKey && press.code === "KeyN") return "new";
  if (mod && press.code === "Comma") return "settings";
  if (mod && press.code === "Slash") return "help";
  if (bare && press.altKey && press.key === "ArrowUp") return "previous";
  if (bare && press.altKey && press.key === "ArrowDown") return "next";
  return bare && !press.altKey && press.key === "Escape" ? "back" : null;
}

/** The chat above or below the open one; from nowhere, the first. null at the ends. */
export function neighbour(ids: readonly string[], open: string | null, step: 1 | -1): string | null {
  const at = open === null ? -1 : ids.indexOf(open);
  return (at < 0 ? ids[0] : ids[at + step]) ?? null;
}

/** Listens for the app's keys. `open` is the chat on the screen; `onHelp` shows this list of keys. */
export function useShortcuts(
  place: Place,
  chats: readonly ChatItem[] | undefined,
  open: string | null,
  onHelp: () => void,
): void {
  const press = useEffectEvent((event: KeyboardEvent): void => {
    // A dialog, a menu or a field had a use for it.
    if (event.defaultPrevented) return;
    const wish = wishOf(event);
    if (wish === null) return;
    if (wish === "back") {
      // In a conversation Escape belongs to the composer.
      if (place.at !== "list" && place.at !== "chat") leave(place);
      return;
    }
    // Where there is no conversation the browser finds.
    if (wish === "find" && place.at !== "chat") return;
    event.preventDefault();
    if (wish === "help") return onHelp();
    if (wish === "search") return toSearch(place);
    if (wish === "find") return open === null ? undefined : wished.set({ chatId: open, find: true });
    if (wish === "new" || wish === "settings") return go(pathOf({ at: wish }));
    const ids = (chats ?? []).map((chat) => chat.id);
    const chatId = neighbour(ids, open, wish === "next" ? 1 : -1);
    if (chatId !== null) go(pathOf({ at: "chat", chatId }));
  });
  useEffect(() => {
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
