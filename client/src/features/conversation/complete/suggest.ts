// What is suggested for the beginning of a name: every word of it begins a word of what somebody, or something, is called.

import { fold } from "@/core/search/fold.ts";
import type { Person } from "@/core/talk/mentions.ts";
import type { Language } from "@/i18n/index.ts";

import type { Emoji } from "./emoji-data.ts";

/** Of more than these nobody chooses: one letter more is quicker. */
const MOST = 8;

const called = ({ name, username }: Person): readonly string[] => [name, username];

/** None once a whole name is followed by other words: those are no part of it. */
export function peopleFor(query: string, people: readonly Person[]): Person[] {
  const said = fold(query);
  if (people.some((person) => called(person).some((name) => said.startsWith(`${fold(name)} `)))) return [];
  return best(people, query, called);
}

/** By their names in every language, those in this one first. */
export const emojiFor = (query: string, emoji: readonly Emoji[], language: Language): Emoji[] =>
  best(emoji, query, ({ names }) => [...names[language], ...Object.values(names).flat()]);

const wordsOf = (folded: string): string[] => folded.split(/[\s@._-]+/u).filter(Boolean);

/** Those first whose earlier names begin with the query. */
function best<Of>(all: readonly Of[], query: string, namesOf: (each: Of) => readonly string[]): Of[] {
  const wanted = wordsOf(fold(query));
  if (wanted.length === 0) return [];
  const begins = wanted.join(" ");
  const ranked = all.flatMap((each) => {
    const names = namesOf(each).map(fold);
    const words = names.flatMap(wordsOf);
    if (!wanted.every((part) => words.some((word) => word.startsWith(part)))) return [];
    const place = names.findIndex((name) => name.startsWith(begins));
    return [{ each, place: place < 0 ? names.length : place }];
  });
  return ranked.toSorted((one, other) => one.place - other.place).slice(0, MOST).map(({ each }) => each);
}
