// A chat as a page that needs nothing but itself: no script, no picture, no font, nothing fetched. Whatever somebody wrote
// is text in it. The page's own policy lets nothing in but its style sheet, whose hash it names, so a mistake in here
// would still run nothing (security.md 23).

import type { MessageItem } from "../services.ts";
import { blocks, type Block, type Piece } from "../talk/marks.ts";
import { isUnsent, nameOf, type ExportHead, type ExportTail, type ExportWriter, type Known } from "./model.ts";
import { STYLE, STYLE_HASH } from "./style.ts";

/** What the page says by itself, in the person's language. */
export interface PageWords {
  /** A language tag, and how it is written. */
  language: string;
  direction: "ltr" | "rtl";
  title(name: string): string;
  /** Lines under the title. */
  about(head: ExportHead): string[];
  /** Lines at the end. */
  end(tail: ExportTail): string[];
  /** Somebody whose name is not known. */
  someone: string;
  day(at: number): string;
  time(at: number): string;
  /** What happened in the group. */
  event(item: MessageItem, known: Known): string;
  /** In the place of words that there are none of. */
  instead(item: MessageItem): string;
  edited: string;
  forwarded: string;
  pinned: string;
  waiting: string;
  failed: string;
  /** Of an answered message that is not in the file, or was deleted. */
  elsewhere: string;
  deleted: string;
  /** Names, joined. */
  list(names: readonly string[]): string;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** Characters that HTML does not allow, or that would end a line in a place where none ends. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]/g;

/** Half a character. */
const LONE = /\p{Surrogate}/gu;

/** As text, also between quotes of an attribute. */
export const escape = (text: string): string =>
  text.replace(CONTROLS, "").replace(LONE, "\ufffd").replace(/[&<>"']/g, (each) => ESCAPES[each] ?? "");

/** In its own direction, so that it turns nothing around it. */
const isolated = (text: string): string => `<bdi>${escape(text)}</bdi>`;

/** Only what `core/talk/links.ts` takes for a link: http and https. */
function piece(of: Piece): string {
  switch (of.kind) {
    case "text":
      return escape(of.text);
    case "mention":
      return `<b>${escape(of.text)}</b>`;
    case "code":
      return `<code>${escape(of.text)}</code>`;
    case "link":
      return `<a href="${escape(of.href)}" rel="noopener noreferrer nofollow">${escape(of.text)}</a>`;
    case "bold":
      return `<b>${pieces(of.parts)}</b>`;
    case "italic":
      return `<i>${pieces(of.parts)}</i>`;
    case "struck":
      return `<s>${pieces(of.parts)}</s>`;
  }
}
const pieces = (parts: readonly Piece[]): string => parts.map(piece).join("");

function block(of: Block): string {
  if (of.kind === "code") return `<pre dir="ltr">${escape(of.text)}</pre>`;
  const tag = of.kind === "quote" ? "blockquote" : "p";
  return `<${tag} dir="auto">${pieces(of.parts)}</${tag}>`;
}

/** A message's place in the page. */
const idOf = (key: string): string => nameOf(key);

/** Messages of one person closer than this belong together. */
const TOGETHER = 5 * 60_000;

export class HtmlWriter implements ExportWriter {
  readonly #words: PageWords;
  #me = "";
  #day = "";
  #before: MessageItem | null = null;

  constructor(words: PageWords) {
    this.#words = words;
  }

  begin(head: ExportHead): string {
    const { language, direction, title, about } = this.#words;
    const name = title(head.chat.name);
    this.#me = head.me;
    const policy = `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;
    return [
      `<!doctype html>\n<html lang="${escape(language)}" dir="${direction}">\n<head>\n<meta charset="utf-8">`,
      `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
      `<meta name="referrer" content="no-referrer">`,
      `<meta name="viewport" content="width=device-width, initial-scale=1">`,
      `<title>${escape(name)}</title>`,
      `<style>${STYLE}</style>\n</head>\n<body>`,
      `<header><h1 dir="auto">${escape(name)}</h1>`,
      ...about(head).map((line) => `<p dir="auto">${escape(line)}</p>`),
      `</header>\n<main>\n`,
    ].join("\n");
  }

  add(items: readonly MessageItem[], known: Known): string {
    return items.map((item) => `${this.#newDay(item)}${this.#message(item, known)}\n`).join("");
  }

  end(tail: ExportTail): string {
    const lines = this.#words.end(tail).map((line) => `<p dir="auto">${escape(line)}</p>`);
    return `</main>\n<footer>\n${lines.join("\n")}\n</footer>\n</body>\n</html>\n`;
  }

  #newDay({ timestamp }: MessageItem): string {
    const day = this.#words.day(timestamp);
    if (day === this.#day) return "";
    this.#day = day;
    this.#before = null;
    return `<h2>${escape(day)}</h2>\n`;
  }

  #called(userId: string, known: Known): string {
    return isolated(known.get(userId)?.displayName ?? this.#words.someone);
  }

  #message(item: MessageItem, known: Known): string {
    const words = this.#words;
    const before = this.#before;
    this.#before = item;
    if (item.body.t === "system") {
      this.#before = null;
      return `<p class="event" dir="auto">${escape(words.event(item, known))}</p>`;
    }
    const goesOn = before?.senderId === item.senderId && item.timestamp - before.timestamp < TOGETHER;
    const own = item.senderId === this.#me;
    const facts = [
      item.pinned ? words.pinned : "",
      item.edited ? words.edited : "",
      isUnsent(item) ? (item.failure ? words.failed : words.waiting) : "",
      words.time(item.timestamp),
    ].filter(Boolean);
    return [
      `<article id="${escape(idOf(item.key))}"${own ? ' class="own"' : ""}>`,
      goesOn ? "" : `<p class="by">${this.#called(item.senderId, known)}</p>`,
      item.forwarded ? `<p class="marks">${escape(words.forwarded)}</p>` : "",
      this.#answered(item, known),
      this.#said(item, known),
      this.#reactions(item, known),
      `<p class="foot">${escape(facts.join(" · "))}</p></article>`,
    ].join("");
  }

  #answered({ replyTo }: MessageItem, known: Known): string {
    if (!replyTo) return "";
    const { key, senderId, excerpt, gone } = replyTo;
    const words = escape(gone ? this.#words.deleted : (excerpt ?? this.#words.elsewhere));
    const inside = `<b>${this.#called(senderId, known)}</b><br><bdi>${words}</bdi>`;
    // Without an excerpt it is not in the file.
    if (excerpt === null && !gone) return `<span class="re">${inside}</span>`;
    return `<a class="re" href="#${escape(encodeURIComponent(idOf(key)))}">${inside}</a>`;
  }

  #said(item: MessageItem, known: Known): string {
    const { body, tally } = item;
    if (body.t === "poll") {
      const { list, someone } = this.#words;
      const names = (ids: readonly string[]): string => (ids.length === 0 ? "" : `: ${list(ids.map((id) => known.get(id)?.displayName ?? someone))}`);
      const options = body.options.map((option, place) => {
        const voters = tally?.votes[place] ?? [];
        return `<li>${isolated(`${option} (${voters.length})`)}${isolated(names(voters))}</li>`;
      });
      return `<div class="said"><p>📊 ${isolated(body.question)}</p><ul>${options.join("")}</ul></div>`;
    }
    if (body.t === "text" || body.t === "edit") return `<div class="said">${blocks(body.text, body.mentions).map(block).join("")}</div>`;
    return `<p class="none" dir="auto">${escape(this.#words.instead(item))}</p>`;
  }

  #reactions({ reactions }: MessageItem, known: Known): string {
    if (reactions.length === 0) return "";
    const { list, someone } = this.#words;
    const names = (ids: readonly string[]): string => isolated(list(ids.map((id) => known.get(id)?.displayName ?? someone)));
    return `<ul class="marks">${reactions.map(({ emoji, userIds }) => `<li>${escape(emoji)} ${names(userIds)}</li>`).join("")}</ul>`;
  }
}
