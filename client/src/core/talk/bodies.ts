// What messages say, as it travels: one JSON object with its kind in `t` in encrypted chats, `type` and `metadata` of the
// envelope in others. What this version does not know is shown as from a newer one, never hidden.

import * as v from "valibot";

import type { Envelope } from "../contracts/index.ts";
import type { Body, Mention, Ref, SealedBody } from "../db/schema.ts";
import { ApiError } from "../errors.ts";
import {
  MAX_GROUP_NAME,
  MAX_LASTS,
  MAX_MENTION,
  MAX_MENTIONS,
  MAX_OPTION,
  MAX_OPTIONS,
  MAX_PICTURE,
  MAX_QUESTION,
  MAX_TEXT,
  MIN_OPTIONS,
  overlong,
} from "../limits.ts";

/** The server counts characters (code points), and many of them are two UTF-16 units. */
const vText = v.pipe(v.string(), v.maxLength(2 * MAX_TEXT));
/** A picture, perhaps joined of several; no letters, and no room for a letter to hide in. */
const EMOJI = /^(?=.*(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3))[^\p{L}\s<>]{1,32}$/u;
const vEmoji = v.pipe(v.string(), v.regex(EMOJI));
const vRef = v.object({
  senderId: v.pipe(v.string(), v.uuid()),
  clientId: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_\-:.]{1,64}$/)),
});

/** Where the names stand is looked at where they are shown: what does not fit the text is passed over (`marks.ts`). */
const vMentions = v.pipe(
  v.array(
    v.object({
      id: v.pipe(v.string(), v.uuid()),
      at: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 * MAX_TEXT)),
      length: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(MAX_MENTION)),
    }),
  ),
  v.maxLength(MAX_MENTIONS),
);

/** Something that is not empty, of at most so many characters. */
const vLine = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(2 * most),
    v.regex(/\S/),
    v.check((line) => overlong(line, most) === 0),
  );

/** Seconds. */
const vLasts = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_LASTS));

const vPoll = v.object({
  t: v.literal("poll"),
  question: vLine(MAX_QUESTION),
  options: v.pipe(v.array(vLine(MAX_OPTION)), v.minLength(MIN_OPTIONS), v.maxLength(MAX_OPTIONS)),
  several: v.exactOptional(v.literal(true)),
  lasts: v.exactOptional(v.pipe(vLasts, v.minValue(1))),
});
/** By how the bytes begin (WebP, JPEG): what a browser would make a document of, as SVG, is no picture. */
const PICTURE = /^(?:(?:UklGR|\/9j\/)[A-Za-z0-9+/]+={0,2})?$/;
const vImage = v.pipe(v.string(), v.maxLength(4 * Math.ceil(MAX_PICTURE / 3)), v.regex(PICTURE));
const vBytes = v.pipe(v.string(), v.base64(), v.maxLength(44));
const vPlace = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_OPTIONS - 1));

const vBody = v.variant("t", [
  v.object({
    t: v.literal("text"),
    text: vText,
    mentions: v.exactOptional(vMentions),
    re: v.exactOptional(vRef),
    forwarded: v.exactOptional(v.literal(true)),
    lasts: v.exactOptional(v.pipe(vLasts, v.minValue(1))),
  }),
  v.object({ t: v.literal("edit"), of: vRef, text: vText, mentions: v.exactOptional(vMentions) }),
  v.object({ t: v.literal("delete"), of: vRef }),
  v.object({ t: v.literal("reaction"), of: vRef, emoji: vEmoji, on: v.boolean() }),
  v.object({ t: v.literal("pin"), of: vRef, on: v.boolean() }),
  vPoll,
  v.object({ t: v.literal("vote"), of: vRef, choices: v.pipe(v.array(vPlace), v.maxLength(MAX_OPTIONS)) }),
  v.object({ t: v.literal("close"), of: vRef }),
  v.object({ t: v.literal("name"), name: vLine(MAX_GROUP_NAME), again: v.exactOptional(v.literal(true)) }),
  v.object({ t: v.literal("timer"), lasts: vLasts, again: v.exactOptional(v.literal(true)) }),
  v.object({ t: v.literal("picture"), image: vImage, again: v.exactOptional(v.literal(true)) }),
  v.object({ t: v.literal("invited"), nonce: vBytes, proof: vBytes }),
]);

/** What can be said. */
export type Said = v.InferOutput<typeof vBody>;
/** What is said about another message: it changes how that one is shown, and stands nowhere itself. */
export type Note = Exclude<Said, { t: "text" | "poll" | "name" | "timer" | "picture" | "invited" }>;
/** What stands for itself in a conversation. */
export type Message = Extract<Said, { t: "text" | "poll" }>;
/** What is said about the chat itself, by whoever may: the newest of each kind holds. */
export type Setting = Extract<Said, { t: "name" | "timer" | "picture" }>;

/** The body that a member's device made; `type` is the envelope's. */
export function bodyOf(body: unknown, type: string): Body {
  const said = v.safeParse(vBody, body);
  return said.success ? said.output : { t: "unknown", type };
}

/** Whether it speaks about another message. */
export const isNote = (body: Body): body is Note => NOTES.has(body.t);
const NOTES: ReadonlySet<string> = new Set<Note["t"]>(["edit", "delete", "reaction", "pin", "vote", "close"]);

/** Whether it is said to people, who want to know of it. */
export const isMessage = (body: Body): body is Message => body.t === "text" || body.t === "poll";

export const isSetting = (body: Body): body is Setting => body.t === "name" || body.t === "timer" || body.t === "picture";

/** Throws `ApiError` for a body that no server would take. */
export function checkBody(body: Body): asserts body is Said {
  if (!isMessage(body) && !isSetting(body) && !isNote(body) && body.t !== "invited") throw new TypeError(`a body of kind ${body.t} is not sent`);
  if (body.t === "reaction" && !EMOJI.test(body.emoji)) throw ApiError.local("empty");
  if (body.t === "name" && body.name.trim() === "") throw ApiError.local("empty");
  if (body.t === "name" && overlong(body.name, MAX_GROUP_NAME) > 0) throw ApiError.local("too_long");
  if (body.t === "picture" && !v.is(vImage, body.image)) throw ApiError.local("too_long");
  if (body.t === "poll" && !v.is(vPoll, body)) throw ApiError.local("empty");
  if (!("text" in body)) return;
  if (body.text.trim() === "") throw ApiError.local("empty");
  if (body.text.length > MAX_TEXT && [...body.text].length > MAX_TEXT) throw ApiError.local("too_long");
}

// ── in clear ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const ofRef = ({ senderId, clientId }: Ref): Record<string, unknown> => ({ senderId, clientId });

const ofMentions = (mentions: readonly Mention[] = []): Record<string, unknown> =>
  mentions.length > 0 ? { mentions: mentions.map(({ id, at, length }) => ({ id, at, length })) } : {};

const said = (type: string, content: string, metadata: Record<string, unknown>): SealedBody => ({
  content,
  iv: null,
  encrypted: false,
  type,
  metadata,
  mls: null,
  notify: type === "text" || type === "poll",
});

/**
 * A body for a chat that the server can read: the words in `content` as the seed has it, the rest in `metadata`. A
 * program that knows only texts finds in `content` what it can show.
 */
export function plainOf(body: Said): SealedBody {
  switch (body.t) {
    case "text":
      return said("text", body.text, {
        ...ofMentions(body.mentions),
        ...(body.re ? { re: ofRef(body.re) } : {}),
        ...(body.forwarded ? { forwarded: true } : {}),
      });
    case "edit":
      return said("edit", body.text, { of: ofRef(body.of), ...ofMentions(body.mentions) });
    case "delete":
      return said("delete", "delete", { of: ofRef(body.of) });
    case "reaction":
      return said("reaction", body.emoji, { of: ofRef(body.of), on: body.on });
    case "pin":
      return said("pin", "pin", { of: ofRef(body.of), on: body.on });
    case "poll":
      return said("poll", body.question, { options: body.options, ...(body.several ? { several: true } : {}) });
    case "vote":
      return said("vote", "vote", { of: ofRef(body.of), choices: body.choices });
    case "close":
      return said("close", "close", { of: ofRef(body.of) });
    case "name":
      throw new TypeError("the name of a chat in clear is the server's");
    case "picture":
      throw new TypeError("a group that the server can read has no picture");
    case "timer":
      throw new TypeError("what the server can read does not disappear");
    case "invited":
      throw new TypeError("what the server can read proves nothing");
  }
}

/** What an envelope in clear says. */
export function bodyOfPlain({ type, content, metadata, encrypted }: Envelope): Body {
  if (encrypted) return { t: "unknown", type };
  // What the server can read does not disappear, so nothing of it is said to.
  const { lasts: _lasts, ...known } = metadata;
  if (type === "text") {
    const whole = bodyOf({ ...known, t: "text", text: content }, type);
    // What a program adds to a text must not make it unreadable.
    return whole.t === "text" ? whole : { t: "text", text: content };
  }
  const body = bodyOf({ ...known, t: type, text: content, emoji: content, question: content }, type);
  return isSetting(body) || body.t === "invited" ? { t: "unknown", type } : body;
}
