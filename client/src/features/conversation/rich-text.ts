// What a text is made of for showing: words and links. Nothing is ever made into HTML.

export type Piece = { kind: "text"; text: string } | { kind: "link"; text: string; href: string };

const LINK = /\bhttps?:\/\/[^\s<>"'`]+/giu;
/** Ends of a sentence are not part of the address. */
const TRAILING = /[.,;:!?…।)\]}»”’]+$/u;

/** Only http and https become links; `javascript:` and friends stay words (security.md 23). */
export function pieces(text: string): Piece[] {
  const result: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > from) result.push({ kind: "text", text: text.slice(from, match.index) });
    result.push({ kind: "link", text: address, href: new URL(address).href });
    from = match.index + address.length;
  }
  if (from < text.length) result.push({ kind: "text", text: text.slice(from) });
  return result;
}

/** Closing brackets stay when they were opened inside, as in many encyclopedia addresses. */
function trimmed(address: string): string {
  const tail = TRAILING.exec(address)?.[0] ?? "";
  if (!tail) return address;
  const opened = (address.match(/\(/g) ?? []).length;
  const closed = (address.match(/\)/g) ?? []).length;
  if (tail === ")" && opened >= closed) return address;
  return address.slice(0, -tail.length);
}

const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u;
/** What joins, colours and turns pictures: ZWJ, variation selector 16, tags (Unicode TR51). */
const JOINERS = /\u200d|\ufe0f|[\u{e0020}-\u{e007f}]|\s/gu;
/** Anything that is no picture; digits count as emoji parts in Unicode, and are words here. */
const OTHER = /[^\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]/u;

/** One to three emoji and nothing else are shown larger. */
export function isLargeEmoji(text: string): boolean {
  if (text.length > 60 || !PICTURE.test(text) || OTHER.test(text.replace(JOINERS, ""))) return false;
  return [...new Intl.Segmenter().segment(text.replace(/\s/g, ""))].length <= 3;
}
