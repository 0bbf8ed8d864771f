// The languages there are. A new one is a file like en.json and a line here.

import { Cell } from "@/core/live.ts";

import en from "./en.json";
import type { Words } from "./translate.ts";

export const LANGUAGES = {
  en: { name: "English", load: (): Promise<Words> => Promise.resolve(en) },
  hi: { name: "हिन्दी", load: async (): Promise<Words> => (await import("./hi.json")).default },
} as const;

export type Language = keyof typeof LANGUAGES;
export const LANGUAGE_KEY = "batiyoun.language";

export const isLanguage = (value: unknown): value is Language => typeof value === "string" && Object.hasOwn(LANGUAGES, value);

/** What is spoken right now, with its words loaded. */
export const spoken = new Cell<{ language: Language; words: Words }>({ language: "en", words: en });

/** The person's choice, else the browser's first language that we have, else English. */
export function preferredLanguage(chosen: string | null, wanted: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen;
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? "en";
}

/** Loads a language's words, then speaks it everywhere. */
export async function speak(language: Language): Promise<void> {
  const words = await LANGUAGES[language].load();
  spoken.set({ language, words });
  document.documentElement.lang = language;
}

/** Speaks the person's language; call it once before the first render. */
export function speakPreferred(): Promise<void> {
  return speak(preferredLanguage(localStorage.getItem(LANGUAGE_KEY), navigator.languages));
}

/** Speaks a language and remembers it in this browser. */
export async function chooseLanguage(language: Language): Promise<void> {
  await speak(language);
  localStorage.setItem(LANGUAGE_KEY, language);
}
