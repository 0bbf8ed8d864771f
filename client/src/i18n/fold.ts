// Finding names as people type them: without accents, in any case, in any script.

/**
 * The text as it is compared: compatibility forms taken apart, Latin accents dropped, lower case. Marks of other scripts
 * stay, because in Devanagari and its relatives they are the vowels.
 */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/gu, "").toLocaleLowerCase().trim();
}

/** Whether every word of the query begins a word of one of the texts. An empty query matches everything. */
export function matches(query: string, ...texts: readonly (string | null | undefined)[]): boolean {
  const words = texts.flatMap((text) => (text ? fold(text).split(/[\s@._-]+/u) : []));
  const wanted = fold(query).split(/[\s@._-]+/u).filter(Boolean);
  return wanted.every((part) => words.some((word) => word.startsWith(part)));
}
