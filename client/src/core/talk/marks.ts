// The marks that people know from other messengers: *bold*, _italic_, ~struck~, `code`, ``` blocks and > quotes. Also in
// Markdown's doubled form (**bold**, ~~struck~~). A tree for showing; nothing is ever made into HTML (security.md 23).
// One pass and at most six open marks, whatever a stranger wrote: a text of nothing but marks costs what its length costs.

import type { Mention } from "../db/schema.ts";
import { MAX_MENTIONS } from "../limits.ts";
import { linkAt } from "./links.ts";

export type Style = "bold" | "italic" | "struck";

export type Piece =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; href: string }
  | { kind: "code"; text: string }
  | { kind: "mention"; text: string; id: string }
  | { kind: Style; parts: Piece[] };

export type Block = { kind: "words" | "quote"; parts: Piece[] } | { kind: "code"; text: string };

const FENCE = /```(?:[\w+#-]{0,20}\n)?([^]+?)```/g;

/** What a text is made of, from top to bottom. Whom it names stands in it as such, but for in code and in addresses. */
export function blocks(text: string, mentions: readonly Mention[] = []): Block[] {
  const names = fitting(text, mentions);
  return names.length === 0 ? unnamed(text) : named(text, names).found;
}

/** Of these names those that a text shows as such. */
export function shownMentions(text: string, mentions: readonly Mention[]): readonly Mention[] {
  const names = fitting(text, mentions);
  return names.length === 0 ? names : named(text, names).names;
}

/** Noncharacters, "intended for process-internal use" (Unicode §23.7): one stands for each name while marks are read, so
 * that neither a mark in a name nor a name between marks changes what the other means. */
const FIRST_SIGN = 0xfdd0;
const SIGN = /[\ufdd0-\ufdef]/;
const SIGNS = /([\ufdd0-\ufdef])/;

/** Names in their order that are apart from each other, inside of the text, and begin with "@". */
function fitting(text: string, mentions: readonly Mention[]): Mention[] {
  if (mentions.length === 0 || SIGN.test(text)) return [];
  let end = 0;
  const found: Mention[] = [];
  for (const mention of mentions) {
    const { at, length } = mention;
    if (at < end || at + length > text.length || text[at] !== "@" || found.length === MAX_MENTIONS) continue;
    found.push(mention);
    end = at + length;
  }
  return found;
}

/** Names in code and in addresses are part of those: it is read again without them, at most once for each name. */
function named(text: string, names: readonly Mention[]): { found: Block[]; names: readonly Mention[] } {
  let from = 0;
  let covered = "";
  for (const [index, { at, length }] of names.entries()) {
    covered += text.slice(from, at) + String.fromCharCode(FIRST_SIGN + index);
    from = at + length;
  }
  const found = unnamed(covered + text.slice(from));
  const shown = new Set<number>();
  const uncover = (parts: readonly Piece[]): Piece[] =>
    parts.flatMap((piece): Piece[] => {
      if ("parts" in piece) return [{ kind: piece.kind, parts: uncover(piece.parts) }];
      if (piece.kind !== "text") return [piece];
      return piece.text.split(SIGNS).flatMap((part): Piece[] => {
        const index = part.charCodeAt(0) - FIRST_SIGN;
        const name = names[index];
        if (!name) return part ? [{ kind: "text", text: part }] : [];
        shown.add(index);
        return [{ kind: "mention", text: text.slice(name.at, name.at + name.length), id: name.id }];
      });
    });
  const uncovered = found.map((block): Block => ("parts" in block ? { kind: block.kind, parts: uncover(block.parts) } : block));
  if (shown.size === names.length) return { found: uncovered, names };
  const left = names.filter((_, index) => shown.has(index));
  return left.length === 0 ? { found: unnamed(text), names: left } : named(text, left);
}

function unnamed(text: string): Block[] {
  const found: Block[] = [];
  let from = 0;
  for (const match of text.matchAll(FENCE)) {
    const code = match[1]?.replace(/^\n|\n$/g, "") ?? "";
    if (!code.trim()) continue;
    // A block breaks its line itself.
    paragraphs(text.slice(from, match.index).replace(/\n$/, ""), found);
    found.push({ kind: "code", text: code });
    from = match.index + match[0].length;
    if (text[from] === "\n") from += 1;
  }
  paragraphs(text.slice(from), found);
  return found;
}

const QUOTED = /^> ?(?=\S)/;

/** Lines that begin with > are a quote; the others stay together as they are. */
function paragraphs(text: string, into: Block[]): void {
  if (!text) return;
  let lines: string[] = [];
  let quoted = false;
  const flush = (): void => {
    if (lines.length > 0) into.push({ kind: quoted ? "quote" : "words", parts: pieces(lines.join("\n")) });
    lines = [];
  };
  for (const line of text.split("\n")) {
    const quotes = QUOTED.test(line);
    if (quotes !== quoted) {
      flush();
      quoted = quotes;
    }
    lines.push(quotes ? line.replace(QUOTED, "") : line);
  }
  flush();
}

interface Frame {
  mark: string;
  parts: Piece[];
}

const STYLES: Readonly<Record<string, Style>> = { "*": "bold", _: "italic", "~": "struck" };
/** Two underscores are bold in Markdown. */
const styleOf = (mark: string): Style => (mark === "__" ? "bold" : (STYLES[mark[0] ?? ""] ?? "italic"));

const TOKEN = /https?:\/\/|`([^`\n]+)`|\*{1,2}|_{1,2}|~{1,2}|\n/giu;
/** A mark opens after these and closes before those, so that snake_case, 2*3*4 and ¯\_(ツ)_/¯ stay what they are. */
const BEFORE = /[\s([{"'“‘«¿¡*_~-]/u;
const AFTER = /[\s)\]}"'”’».,;:!?…।؟،*_~-]/u;

/** Words, links, code and emphasis of lines; marks without a partner on their line stay words. */
export function pieces(text: string): Piece[] {
  const root: Piece[] = [];
  const open: Frame[] = [];
  let from = 0;
  const top = (): Piece[] => open.at(-1)?.parts ?? root;
  const words = (to: number): void => {
    if (to > from) say(top(), text.slice(from, to));
  };
  /** Gives the newest open marks up: they were words. */
  const giveUp = (count: number): void => {
    for (let left = count; left > 0; left--) {
      const frame = open.pop();
      if (!frame) return;
      say(top(), frame.mark);
      for (const part of frame.parts) add(top(), part);
    }
  };

  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const token = match[0];
    const at = match.index;
    const end = at + token.length;
    if (token === "\n") {
      words(at);
      giveUp(open.length);
      from = at;
    } else if (match[1] !== undefined) {
      if (!match[1].trim()) continue;
      words(at);
      add(top(), { kind: "code", text: match[1] });
      from = end;
    } else if (token.endsWith("/")) {
      const link = linkAt(text, at);
      if (!link) continue;
      words(at);
      add(top(), { kind: "link", ...link });
      from = at + link.text.length;
      TOKEN.lastIndex = from;
    } else {
      const before = text[at - 1];
      const after = text[end];
      const place = open.findLastIndex((frame) => frame.mark === token);
      if (place >= 0 && before !== undefined && !/\s/u.test(before) && (after === undefined || AFTER.test(after))) {
        words(at);
        giveUp(open.length - 1 - place);
        const frame = open.pop();
        if (frame) add(top(), { kind: styleOf(token), parts: frame.parts });
        from = end;
      } else if (place < 0 && after !== undefined && !/\s/u.test(after) && (before === undefined || BEFORE.test(before))) {
        words(at);
        open.push({ mark: token, parts: [] });
        from = end;
      }
    }
  }
  words(text.length);
  giveUp(open.length);
  return root;
}

function add(parts: Piece[], piece: Piece): void {
  if (piece.kind === "text") say(parts, piece.text);
  else parts.push(piece);
}

/** Words beside words become one piece. */
function say(parts: Piece[], text: string): void {
  const last = parts.at(-1);
  if (last?.kind === "text") last.text += text;
  else parts.push({ kind: "text", text });
}

/** The same words without marks, for where a message is only mentioned: lists, quotes, what is read aloud. */
export const plain = (text: string, mentions?: readonly Mention[]): string => blocks(text, mentions).map((block) => ("parts" in block ? words(block.parts) : block.text)).join("\n");

/** The beginning of plain words. A text is made plain before it is cut: half of a pair of marks would be shown as it is. */
export const shortened = (said: string, most: number): string => said.slice(0, most).replace(/\p{Surrogate}$/u, "");

const words = (parts: readonly Piece[]): string => parts.map((piece) => ("parts" in piece ? words(piece.parts) : piece.text)).join("");
