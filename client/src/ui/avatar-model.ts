/** How many cloths tokens.css defines (`--color-cloth-0` …). */
export const CLOTHS = 8;

/**
 * Up to two letters for a name: the first of the first and of the last word, by grapheme, so that "रवि कुमार" gives "रकु"
 * and an emoji stays whole. Empty names give "".
 */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word));
  const first = words[0];
  if (first === undefined) return "";
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  return firstGrapheme(first) + (last === undefined ? "" : firstGrapheme(last));
}

/** Letters up to the Malayalam ones are a grapheme by themselves when no mark or joiner follows. */
const ALONE = /^(?![\u0d00-\u{10ffff}])[\p{L}\p{N}](?!\p{M}|\u200c|\u200d)/u;
/** Made when it is first wanted: it costs more than the rest of a face. */
let segmenter: Intl.Segmenter | undefined;

function firstGrapheme(word: string): string {
  const trimmed = word.replace(/^[^\p{L}\p{N}\p{Extended_Pictographic}]+/u, "");
  if (ALONE.test(trimmed)) return trimmed.charAt(0).toLocaleUpperCase();
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  for (const { segment } of segmenter.segment(trimmed)) return segment.toLocaleUpperCase();
  return "";
}

/** 0 ≤ n < CLOTHS, the same for the same id everywhere (FNV-1a, 32 bits). */
export function clothOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash ^= id.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % CLOTHS;
}
