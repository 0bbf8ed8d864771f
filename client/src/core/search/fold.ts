// Text as it is compared: whoever searches should not have to type it as it was written.
//
// One character at a time, so that the folded text of two texts together is their folded texts together, and a place in
// the folded text leads back to a place in the text that people see.

/** Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel marks of Arabic: often left out by whoever writes. */
const ACCENTS = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]/gu;
/** Joiners, soft hyphens, variation selectors, direction marks, the Arabic stretch: nobody sees or types them. */
const UNSEEN = /[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|\p{Variation_Selector}/gu;
/** The point below Indic letters: ज़रूर and जरूर are the same word. */
const NUKTA = /[\u093c\u09bc\u0a3c\u0abc\u0b3c]/gu;
/** हाँ is written हां as often. */
const CHANDRABINDU = /\u0901/gu;

function folded(character: string): string {
  const plain = character.normalize("NFKD").replace(ACCENTS, "").replace(UNSEEN, "").replace(NUKTA, "").replace(CHANDRABINDU, "\u0902");
  // There and back: ß and ẞ, σ and ς have one upper case.
  return plain.toLowerCase().toUpperCase().toLowerCase().normalize("NFKD").replace(ACCENTS, "").replace(/\s/gu, " ");
}

/** No text has more different characters than this; what is beyond is folded again each time. */
const KNOWN = 20_000;
const known = new Map<string, string>();

function foldOne(character: string): string {
  const before = known.get(character);
  if (before !== undefined) return before;
  const now = folded(character);
  if (known.size < KNOWN) known.set(character, now);
  return now;
}

/** All that needs no thought. */
const SIMPLE = /^[\x20-\x7e]*$/;

/** The text as it is compared; every white space is one space. */
export function fold(text: string): string {
  if (SIMPLE.test(text)) return text.toLowerCase();
  let result = "";
  for (const character of text) result += foldOne(character);
  return result;
}

/** The text as it is compared, and where in the text each part of it begins; one more at the end. */
export function foldWithPlaces(text: string): { folded: string; places: number[] } {
  let result = "";
  const places: number[] = [];
  let at = 0;
  for (const character of text) {
    const part = foldOne(character);
    for (let index = 0; index < part.length; index += 1) places.push(at);
    result += part;
    at += character.length;
  }
  places.push(text.length);
  return { folded: result, places };
}
