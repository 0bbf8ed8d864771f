// The languages there are. A new one is a line here, a file like en.json, and one for each section in SECTIONS.

import { Cell } from "@/core/live.ts";

import en from "./en.json";
import type { Words } from "./translate.ts";

export const LANGUAGES = {
  en: { name: "English", load: (): Promise<Words> => Promise.resolve(en) },
  hi: { name: "हिन्दी", load: async (): Promise<Words> => (await import("./hi.json")).default },
} as const;

export type Language = keyof typeof LANGUAGES;
export const LANGUAGE_KEY = "batiyoun.language";

/** Sections that come with the screens that say them, so that the first load carries none of their words. */
export const SECTIONS = {
  account: { en: () => import("./account/en.json"), hi: () => import("./account/hi.json") },
  auth: { en: () => import("./auth/en.json"), hi: () => import("./auth/hi.json") },
  blocks: { en: () => import("./blocks/en.json"), hi: () => import("./blocks/hi.json") },
  complete: { en: () => import("./complete/en.json"), hi: () => import("./complete/hi.json") },
  conversation: { en: () => import("./conversation/en.json"), hi: () => import("./conversation/hi.json") },
  devices: { en: () => import("./devices/en.json"), hi: () => import("./devices/hi.json") },
  files: { en: () => import("./files/en.json"), hi: () => import("./files/hi.json") },
  forms: { en: () => import("./forms/en.json"), hi: () => import("./forms/hi.json") },
  group: { en: () => import("./group/en.json"), hi: () => import("./group/hi.json") },
  invites: { en: () => import("./invites/en.json"), hi: () => import("./invites/hi.json") },
  keys: { en: () => import("./keys/en.json"), hi: () => import("./keys/hi.json") },
  obstacles: { en: () => import("./obstacles/en.json"), hi: () => import("./obstacles/hi.json") },
  people: { en: () => import("./people/en.json"), hi: () => import("./people/hi.json") },
  pictures: { en: () => import("./pictures/en.json"), hi: () => import("./pictures/hi.json") },
  polls: { en: () => import("./polls/en.json"), hi: () => import("./polls/hi.json") },
  problems: { en: () => import("./problems/en.json"), hi: () => import("./problems/hi.json") },
  pwa: { en: () => import("./pwa/en.json"), hi: () => import("./pwa/hi.json") },
  search: { en: () => import("./search/en.json"), hi: () => import("./search/hi.json") },
  security: { en: () => import("./security/en.json"), hi: () => import("./security/hi.json") },
  settings: { en: () => import("./settings/en.json"), hi: () => import("./settings/hi.json") },
  stepUp: { en: () => import("./stepUp/en.json"), hi: () => import("./stepUp/hi.json") },
  trust: { en: () => import("./trust/en.json"), hi: () => import("./trust/hi.json") },
  wishes: { en: () => import("./wishes/en.json"), hi: () => import("./wishes/hi.json") },
} as const satisfies Record<string, Record<Language, () => Promise<{ default: Words[string] }>>>;

export type Section = keyof typeof SECTIONS;

export const isLanguage = (value: unknown): value is Language => typeof value === "string" && Object.hasOwn(LANGUAGES, value);

/** What is spoken right now, with its words loaded. */
export const spoken = new Cell<{ language: Language; words: Words }>({ language: "en", words: en });
/** Sections that some screen has asked for: another language brings them along. */
const wanted = new Set<Section>();

/** The person's choice, else the browser's first language that we have, else English. */
export function preferredLanguage(chosen: string | null, liked: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen;
  return liked.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? "en";
}

const load = async (language: Language, section: Section): Promise<Words> => ({
  [section]: (await SECTIONS[section][language]()).default,
});

/** Loads a language's words, then speaks it everywhere. */
export async function speak(language: Language): Promise<void> {
  // The server and core speak English: what went wrong needs other words in other languages, on any screen.
  const sections = language === "en" ? [...wanted] : [...new Set<Section>([...wanted, "problems"])];
  const parts = await Promise.all([LANGUAGES[language].load(), ...sections.map((section) => load(language, section))]);
  spoken.set({ language, words: Object.assign({}, ...parts) as Words });
  document.documentElement.lang = language;
}

/** Adds sections to what is spoken, now and in every language that is chosen later. */
export async function speakAlso(...sections: readonly Section[]): Promise<void> {
  const { language, words } = spoken.get();
  const missing = sections.filter((section) => !Object.hasOwn(words, section));
  for (const section of missing) wanted.add(section);
  if (missing.length === 0) return;
  const parts = await Promise.all(missing.map((section) => load(language, section)));
  const now = spoken.get();
  // Another language was chosen meanwhile: it has brought them.
  if (now.language === language) spoken.set({ language, words: Object.assign({}, now.words, ...parts) as Words });
  else await speakAlso(...sections);
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
