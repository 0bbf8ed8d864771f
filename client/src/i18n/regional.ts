/**
 * The tag for `Intl`: the language that is spoken, as it is written where the person lives. A browser that prefers
 * "en-GB" over "en-US" gets 14:05 and 22 November in English.
 */
export function regional(language: string, wanted: readonly string[]): string {
  return wanted.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? language;
}
