// Whom a text names. Only the words are kept while somebody writes: "@" and a name mean whoever is called so in the chat
// when the message is sent. So a draft, a change or a pasted text needs nothing beside its words.

import type { Mention } from "../db/schema.ts";
import { MAX_MENTION } from "../limits.ts";
import { shownMentions } from "./marks.ts";

/** Somebody who can be named in a chat. */
export interface Person {
  id: string;
  name: string;
  username: string;
}

/** Before "@" these make it part of an address. */
const ADDRESS = /[a-z0-9/@]/i;
/** After a name these make it the beginning of another one. */
const GOES_ON = /^(?:[\p{L}\p{M}\p{N}]|[._-][\p{L}\p{N}])/u;

/** Whether "@" at this place can begin a name. */
export const opensName = (text: string, at: number): boolean => at === 0 || !ADDRESS.test(text[at - 1] ?? "");

/**
 * What is written behind "@" to mean each of them, by id: the name, and the username where somebody else is called the
 * same. Usernames are unique, so a name that is another one's username means that one.
 */
export function handlesOf(people: readonly Person[]): Map<string, string> {
  const usernames = byUsername(people);
  const namesakes = new Map<string, number>();
  for (const { name } of people) namesakes.set(name, (namesakes.get(name) ?? 0) + 1);
  const isClear = ({ id, name }: Person): boolean =>
    name !== "" && name.length < MAX_MENTION && namesakes.get(name) === 1 && (usernames.get(name.toLowerCase()) ?? id) === id;
  return new Map(people.map((person) => [person.id, isClear(person) ? person.name : person.username]));
}

const byUsername = (people: readonly Person[]): Map<string, string> =>
  new Map(people.map(({ id, username }) => [username.toLowerCase(), id]));

/**
 * Whom the text names, in order: everywhere "@" is followed by a handle or a username. Of several that fit the longest is
 * meant. `before`: what the text said earlier; whom that named stays named, also after they left or are called otherwise.
 */
export function mentionsIn(
  text: string,
  people: readonly Person[],
  before: { text: string; mentions?: readonly Mention[] } = { text: "" },
): Mention[] {
  if (!text.includes("@")) return [];
  const usernames = byUsername(people);
  const names = new Map([...handlesOf(people)].map(([id, handle]) => [handle, id]));
  for (const { id, at, length } of before.mentions ?? []) names.set(before.text.slice(at + 1, at + length), id);
  const lengths = [...new Set([...names.keys(), ...usernames.keys()].map((name) => name.length))].toSorted((one, other) => other - one);

  const found: Mention[] = [];
  /** The length of the name that begins there; 0: none does. */
  const nameAt = (from: number): number => {
    for (const length of lengths) {
      const name = text.slice(from, from + length);
      const id = names.get(name) ?? usernames.get(name.toLowerCase());
      if (id === undefined || name.length < length || GOES_ON.test(text.slice(from + length, from + length + 3))) continue;
      found.push({ id, at: from - 1, length: length + 1 });
      return length;
    }
    return 0;
  };
  for (let at = text.indexOf("@"); at >= 0; ) {
    const length = opensName(text, at) ? nameAt(at + 1) : 0;
    at = text.indexOf("@", at + 1 + length);
  }
  return [...shownMentions(text, found)];
}
