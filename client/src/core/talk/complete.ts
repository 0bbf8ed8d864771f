// What is being written at the caret that can be completed: "@" and the beginning of a name, ":" and that of an emoji's.

import { opensName } from "./mentions.ts";

export interface Token {
  kind: "person" | "emoji";
  /** From the sign to the caret: `[from, to)`. */
  from: number;
  to: number;
  /** What is behind the sign. */
  query: string;
}

/** Nobody types more of a name than this before choosing, in UTF-16 units. */
const LONGEST = 64;
/** Names have several words. A space or a full stop at the end ends what is meant as one. */
const PERSON = /@([\p{L}\p{N}](?:[\p{L}\p{M}\p{N}_.'’ -]*[\p{L}\p{M}\p{N}])?)$/u;
/** Two characters at least, the first of them no mark: ":)", ":-)", ":D" are what they are. */
const EMOJI = /:([\p{L}\p{N}+][\p{L}\p{M}\p{N}_+-]+)$/u;
/** Before ":" these make it part of a time, an address or a word. */
const GOES_ON = /[\p{L}\p{M}\p{N}:/]/u;

/** What can be completed at the caret; null: nothing, or it is code. */
export function tokenAt(text: string, caret: number): Token | null {
  const near = text.slice(Math.max(0, caret - LONGEST), caret);
  const person = PERSON.exec(near);
  const [kind, match] = person ? (["person", person] as const) : (["emoji", EMOJI.exec(near)] as const);
  if (!match || match[0].includes("  ")) return null;
  const from = caret - match[0].length;
  const opens = kind === "person" ? opensName(text, from) : !GOES_ON.test(text[from - 1] ?? "");
  return opens && !isCode(text.slice(0, from)) ? { kind, from, to: caret, query: match[1] ?? "" } : null;
}

/** Whether what follows this text is inside of code that was begun and not ended. */
function isCode(before: string): boolean {
  const fences = before.split("```");
  const line = fences.at(-1)?.split("\n").at(-1) ?? "";
  return fences.length % 2 === 0 || line.split("`").length % 2 === 0;
}

/** Whether the text still says what the token was found in. */
export const isAt = ({ kind, from, to, query }: Token, text: string): boolean =>
  text.slice(from, to) === (kind === "person" ? "@" : ":") + query;

/** The text with these words and a space in the place of the token, and where the caret is then. */
export function completed(text: string, { from, to }: Token, words: string): { text: string; caret: number } {
  const rest = text.slice(to);
  return { text: text.slice(0, from) + words + (rest.startsWith(" ") ? "" : " ") + rest, caret: from + words.length + 1 };
}
