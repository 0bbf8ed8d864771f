// Light, dark, or as the system is. The choice is an attribute of the root element (base.css); `/theme.js` puts it there
// before the first paint on later visits, this module when the person chooses and when another tab did.

import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark" | "system";

/** The same as in public/theme.js. */
export const THEME_KEY = "batiyoun.theme";

const isTheme = (value: unknown): value is Theme => value === "light" || value === "dark" || value === "system";

function chosen(): Theme {
  const value = document.documentElement.dataset["theme"];
  return isTheme(value) ? value : "system";
}

function show(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
  // The colour of the browser's own bars; each of the two is for one scheme, so a choice gives both the same.
  const metas = document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]");
  for (const meta of metas) {
    const scheme = theme === "system" ? meta.dataset["scheme"] : theme;
    meta.content = (scheme === "dark" ? meta.dataset["dark"] : meta.dataset["light"]) ?? meta.content;
  }
}

/** Shows the theme and remembers it in this browser. */
export function chooseTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(THEME_KEY);
  else localStorage.setItem(THEME_KEY, theme);
  show(theme);
  for (const listener of listeners) listener();
}

const listeners = new Set<() => void>();

function subscribe(changed: () => void): () => void {
  const elsewhere = (event: StorageEvent): void => {
    if (event.key !== THEME_KEY) return;
    show(isTheme(event.newValue) ? event.newValue : "system");
    changed();
  };
  listeners.add(changed);
  window.addEventListener("storage", elsewhere);
  return () => {
    listeners.delete(changed);
    window.removeEventListener("storage", elsewhere);
  };
}

/** The person's choice. Use it somewhere that stays mounted, so that a choice in another tab is followed. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, chosen);
}
