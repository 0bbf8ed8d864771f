// Links in what somebody wrote. Nothing is ever made into HTML.

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
