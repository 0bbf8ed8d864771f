// How screens speak: `const t = useT(); t("chats.unread", { count: 3 })`, and dates and lists in the same language.

import { useMemo, useSyncExternalStore } from "react";

import { spoken, type Language } from "./languages.ts";
import { translate, type Key, type Params } from "./translate.ts";

export { chooseLanguage, LANGUAGES, speakAlso, speakPreferred, type Language, type Section } from "./languages.ts";
export type { Key, Params } from "./translate.ts";

export type Translate = (key: Key, params?: Params) => string;

/** The words of the language that is spoken. */
export function useT(): Translate {
  const { language, words } = useSyncExternalStore(spoken.subscribe, spoken.get);
  return useMemo(() => (key, params) => translate(words, language, key, params), [words, language]);
}

/** The language that is spoken, for `Intl`. */
export function useLanguage(): Language {
  return useSyncExternalStore(spoken.subscribe, spoken.get).language;
}

/** The same, outside of components. */
export const spokenLanguage = (): Language => spoken.get().language;

/** Words outside of components. */
export const say: Translate = (key, params) => translate(spoken.get().words, spoken.get().language, key, params);
