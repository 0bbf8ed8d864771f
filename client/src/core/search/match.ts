// Whether a text is what somebody looks for, and what of it to show.

import { fold, foldWithPlaces } from "./fold.ts";

/** More words than this nobody types; the rest is not looked at. */
const MAX_TERMS = 16;

/** What every text that is found has in it, folded, the longest first. Empty: nothing is asked for. */
export function termsOf(text: string): string[] {
  const words = [...new Set(fold(text).split(" ").filter(Boolean))].slice(0, MAX_TERMS);
  return words.toSorted((one, other) => other.length - one.length);
}

/** Whether the folded text has all of them. */
export const hasAll = (folded: string, terms: readonly string[]): boolean => terms.every((term) => folded.includes(term));

/** An address that can be opened; what of it is shown as a link is decided where it is shown. */
const LINK = /\bhttps?:\/\/[^\s<>"'`]/iu;
export const hasLink = (text: string): boolean => LINK.test(text);

/** A piece of a text, and which parts of it were looked for: `[from, to)`, ascending, apart from each other. */
export interface Excerpt {
  text: string;
  marks: [number, number][];
}

/** UTF-16 units before the first mark, and of the whole piece. */
const BEFORE = 30;
const LENGTH = 160;

/** The piece around the first thing that was looked for, on one line. Letters are never cut apart. */
export function excerptOf(text: string, terms: readonly string[]): Excerpt {
  const line = text.replace(/\s/gu, " ");
  const marks = marksIn(line, terms);
  const first = marks[0]?.[0] ?? 0;
  const starts = [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(line.slice(0, first))].map(({ index }) => index);
  const from = first <= BEFORE ? 0 : (starts.find((at) => at >= first - BEFORE && line[at] !== " ") ?? first);
  const rest = line.slice(from);
  const cut = rest.length <= LENGTH ? rest : whole(rest, LENGTH);
  const [head, tail] = [from > 0 ? "…" : "", cut.length < rest.length ? "…" : ""];
  const moved = marks.map(([start, end]): [number, number] => [start - from + head.length, Math.min(end - from, cut.length) + head.length]);
  return { text: head + cut + tail, marks: moved.filter(([start, end]) => start < end) };
}

/** At most so much of the text, cut between what people see as letters. */
function whole(text: string, length: number): string {
  let end = 0;
  for (const { index, segment } of new Intl.Segmenter().segment(text.slice(0, length + 40))) {
    if (index + segment.length > length) break;
    end = index + segment.length;
  }
  return text.slice(0, end || length);
}

function marksIn(text: string, terms: readonly string[]): [number, number][] {
  const { folded, places } = foldWithPlaces(text);
  const found: [number, number][] = [];
  for (const term of terms) {
    for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + term.length)) {
      const last = places[at + term.length - 1];
      let next = at + term.length;
      // One letter that is folded into several is marked whole.
      while (places[next] === last && next < places.length - 1) next += 1;
      found.push([places[at] ?? 0, places[next] ?? text.length]);
    }
  }
  return joined(found.map((mark) => widened(text, mark)));
}

/** A vowel sign without its letter cannot be drawn: marks begin and end with whole letters. */
function widened(text: string, [from, to]: [number, number]): [number, number] {
  const letters = new Intl.Segmenter().segment(text);
  const end = letters.containing(to - 1);
  return [letters.containing(from)?.index ?? from, end ? end.index + end.segment.length : to];
}

function joined(marks: [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [from, to] of marks.toSorted((one, other) => one[0] - other[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
