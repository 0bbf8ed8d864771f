// Links in what somebody wrote, and texts that are nothing but pictures. Nothing is ever made into HTML.

export interface Link {
  /** As it was written. */
  text: string;
  href: string;
}

const LINK = /https?:\/\/[^\s<>"'`]+/iuy;
const LETTER = /[\p{L}\p{M}\p{N}]/u;
/** Ends of a sentence, and marks around it (GitHub Flavored Markdown 6.9), are not part of the address. */
const TRAILING = /[.,;:!?…।)\]}»”’*_~]+$/u;

/** The link that begins there, or null. Only http and https; `javascript:` and friends stay words (security.md 23). */
export function linkAt(text: string, index: number): Link | null {
  if (index > 0 && LETTER.test(text[index - 1] ?? "")) return null;
  LINK.lastIndex = index;
  const match = LINK.exec(text);
  if (!match) return null;
  const address = trimmed(match[0]);
  return URL.canParse(address) ? { text: address, href: new URL(address).href } : null;
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
