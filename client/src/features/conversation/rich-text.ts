// Texts that are nothing but pictures.

const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u;
/** What joins, colours and turns pictures: ZWJ, variation selector 16, tags (Unicode TR51). */
const JOINERS = /\u200d|\ufe0f|[\u{e0020}-\u{e007f}]|\s/gu;
/** Anything that is no picture; digits count as emoji parts in Unicode, and are words here. */
const OTHER = /[^\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]/u;

let segmenter: Intl.Segmenter | undefined;

/** One to three emoji and nothing else are shown larger. */
export function isLargeEmoji(text: string): boolean {
  if (text.length > 60 || !PICTURE.test(text) || OTHER.test(text.replace(JOINERS, ""))) return false;
  segmenter ??= new Intl.Segmenter();
  return [...segmenter.segment(text.replace(/\s/g, ""))].length <= 3;
}
