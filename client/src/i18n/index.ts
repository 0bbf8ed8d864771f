// How screens speak: `const t = useT(); t("chats.unread", { count: 3 })`, and dates and lists in the same language.

import { useMemo, useSyncExternalStore } from "react";

import { spoken, type Language } from "./languages.ts";
import { translate, type Key, type Params } from "./translate.ts";

export { chooseLanguage, LANGUAGES, speakAlso, speakPreferred, type Language, type Section } from "./languages.ts";
export type { Key, Params } from "./translate.ts";

export type Translate = (key: Key, params?: Params) => string;

/** The language that is spoken, outside of components. */
export const spokenLanguage = (): Language => spoken.get().language;

/** The same, for `Intl`. */
export const useLanguage = (): Language => useSyncExternalStore(spoken.subscribe, spokenLanguage);

/**
 * The words of the language that is spoken. Whoever shows a section's words has waited for them, so that others need not be
 * drawn again when they come.
 */
export function useT(): Translate {
  const language = useLanguage();
  return useMemo(() => (key, params) => translate(spoken.get().words, language, key, params), [language]);
}

/** Words outside of components. */
export const say: Translate = (key, params) => translate(spoken.get().words, spoken.get().language, key, params);
