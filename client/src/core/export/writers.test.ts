// @vitest-environment happy-dom
// The two files a chat is exported as: nothing in them runs, and nothing is missing or twice.

import { createHash } from "node:crypto";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { EVERYONE } from "../limits.ts";
import type { Body, MessageItem } from "../services.ts";
import { envelope, ME, THEM } from "../testing/envelopes.ts";
import { rowOf } from "../sync/rows.ts";
import { HtmlWriter, type PageWords } from "./html.ts";
import { FORMAT, jsonMessage, JsonWriter, VERSION, type JsonMessage } from "./json.ts";
import { nameOf, peopleIn, type ExportWriter, type Known } from "./model.ts";
import { STYLE, STYLE_HASH } from "./style.ts";

const words: PageWords = {
  language: "en",
  direction: "ltr",
  title: (name) => `Chat: ${name}`,
  about: () => ["not encrypted"],
  end: ({ counts }) => [`${counts.messages} messages`],
  someone: "Someone",
  day: (at) => new Date(at).toISOString().slice(0, 10),
  time: (at) => new Date(at).toISOString().slice(11, 16),
  event: ({ body }) => (body.t === "system" && body.event.what === "renamed" ? body.event.name : "event"),
  instead: ({ body }) => (body.t === "deleted" ? "deleted" : "unreadable"),
  edited: "edited",
  forwarded: "forwarded",
  pinned: "pinned",
  waiting: "waiting",
  failed: "failed",
  elsewhere: "elsewhere",
  deleted: "deleted",
  list: (names) => names.join(", "),
};

const item = (seq: number, body: Body, change: Partial<MessageItem> = {}): MessageItem => ({
  ...rowOf(envelope(seq), body),
  mine: false,
  edited: false,
  deleted: body.t === "deleted",
  pinned: false,
  forwarded: false,
  reactions: [],
  tally: null,
  replyTo: null,
  state: null,
  ...change,
});
const text = (seq: number, said: string, change: Partial<MessageItem> = {}): MessageItem => item(seq, { t: "text", text: said }, change);
const named = (name: string): Known => new Map([[THEM, { displayName: name, username: "them" }]]);

function write(writer: ExportWriter, pieces: readonly (readonly MessageItem[])[], { name = "Bela", chat = "Bela" } = {}): string {
  const items = pieces.flat();
  return [
    writer.begin({ chat: { id: "c", type: "direct", name: chat, encrypted: true, createdAt: 0 }, me: ME, at: 0 }),
    ...pieces.map((piece) => writer.add(piece, named(name))),
    writer.end({ counts: { messages: items.length, unreadable: 0, unsent: 0 }, complete: true }),
  ].join("");
}
const page = (items: readonly MessageItem[], options?: { name?: string; chat?: string }): Document =>
  new DOMParser().parseFromString(write(new HtmlWriter(words), [items], options), "text/html");

const HOSTILE = [
  "</script><script>alert(1)</script>",
  "</style><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "--><svg onload=alert(1)>",
  `" onmouseover="alert(1)`,
  "' autofocus onfocus='alert(1)",
  "javascript:alert(1)",
  "JAVASCRIPT://%0aalert(1)",
  "data:text/html,<script>alert(1)</script>",
  "[click](javascript:alert(1))",
  "*<b onclick=alert(1)>*",
  "```<script>alert(1)</script>```",
  "> <iframe src=//evil.example>",
  "https://evil.example/\"onclick=\"alert(1)",
  "https://evil.example/<script>",
  "\u202Egnp.exe \u2066 \u200F",
  "\u0000\u0008<scr\u0000ipt>",
  "&lt;script&gt; &amp;",
  "👩‍👩‍👧 🇮🇳 1️⃣",
  "\uD800 half",
];

test("whom a text names stands in both files, and what no longer fits its words in none", () => {
  const mentions = [
    { id: THEM, at: 0, length: 5 },
    { id: EVERYONE, at: 6, length: 9 },
    { id: ME, at: 90, length: 5 },
  ];
  const said = item(1, { t: "text", text: "@Ravi @everyone <b>", mentions });
  expect(jsonMessage(said).mentions).toEqual([
    { who: THEM, at: 0, length: 5 },
    { who: "everyone", at: 6, length: 9 },
  ]);
  expect(jsonMessage(text(2, "@Ravi"))).not.toHaveProperty("mentions");
  expect(peopleIn([said])).toContain(ME);
  const shown = page([said]);
  expect([...shown.querySelectorAll(".said b")].map((name) => name.textContent)).toEqual(["@Ravi", "@everyone"]);
});

test("a poll stands in the file with who chose what", () => {
  const poll: Body = { t: "poll", question: "When?", options: ["four", "five"] };
  const asked = item(1, poll, { tally: { votes: [[], [THEM]], closed: true } });
  expect(jsonMessage(asked)).toMatchObject({
    kind: "poll",
    text: "When?",
    poll: { options: [{ text: "four", from: [] }, { text: "five", from: [THEM] }], several: false, closed: true },
  });
  expect(peopleIn([{ ...asked, senderId: ME }])).toEqual(new Set([ME, THEM]));
});

describe("the page", () => {
  test.each(HOSTILE)("shows %j as words, wherever it stands", (nasty) => {
    const reply = { key: `c/${THEM}/c1`, senderId: THEM, excerpt: nasty, gone: false };
    const items = [
      text(1, nasty, { clientId: nasty, key: `c/${THEM}/${nasty}` }),
      text(2, `before ${nasty} after`, { replyTo: reply, reactions: [{ emoji: nasty, userIds: [THEM, "nobody"] }] }),
      item(3, { t: "system", event: { what: "renamed", name: nasty } }, { kind: "system" }),
      item(4, { t: "poll", question: nasty, options: [nasty, "b"] }, { tally: { votes: [[THEM, "nobody"], []], closed: false } }),
    ];
    const made = page(items, { name: nasty, chat: nasty });
    expect(made.querySelectorAll("script, iframe, img, svg, object, embed, form, input, link, base")).toHaveLength(0);
    const attributes = [...made.querySelectorAll("*")].flatMap((each) => [...each.attributes]);
    expect(attributes.filter(({ name }) => /^on|^style$|^src$/.test(name))).toEqual([]);
    const links = attributes.filter(({ name }) => name === "href").map(({ value }) => value);
    expect(links.filter((link) => !/^(https?:\/\/|#)/.test(link))).toEqual([]);
    expect(made.querySelectorAll("style")).toHaveLength(1);
    expect(made.querySelectorAll("article")).toHaveLength(3);
  });

  test("tells who chose what in a poll", () => {
    const poll: Body = { t: "poll", question: "When?", options: ["four", "five"] };
    const made = page([item(1, poll, { tally: { votes: [[THEM], []], closed: false } })]);
    expect([...made.querySelectorAll(".said li")].map((each) => each.textContent)).toEqual(["four (1): Bela", "five (0)"]);
  });

  test("keeps the words of a text, without its marks", () => {
    const made = page([text(1, "*hello* <there> https://example.org/a?b=1&c=2, and more"), text(2, "second\nline")]);
    const [first, second] = made.querySelectorAll(".said");
    expect(first?.textContent).toBe("hello <there> https://example.org/a?b=1&c=2, and more");
    expect(first?.querySelector("b")?.textContent).toBe("hello");
    expect(first?.querySelector("a")?.getAttribute("href")).toBe("https://example.org/a?b=1&c=2");
    expect(second?.textContent).toBe("second\nline");
  });

  test("lets nothing in but its own style sheet", () => {
    const made = page([text(1, "hello")]);
    const policy = made.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content");
    expect(policy).toBe(`default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'`);
    const style = made.querySelector("style")?.textContent ?? "";
    expect(style).toBe(STYLE);
    expect(`sha256-${createHash("sha256").update(style).digest("base64")}`).toBe(STYLE_HASH);
    // The policy stands before everything that it is about.
    const source = write(new HtmlWriter(words), []);
    expect(source.indexOf("Content-Security-Policy")).toBeLessThan(source.indexOf("<style>"));
  });

  test("begins each day, says a name once in a row, and marks what is edited, pinned, waiting or failed", () => {
    const waiting = { seq: null, failure: null };
    const failed = { seq: null, failure: { code: "x", message: "x" } };
    const made = page([
      text(1, "one"),
      text(2, "two", { edited: true, pinned: true }),
      text(86_400, "next day"),
      text(86_401, "w", { ...waiting, senderId: ME, mine: true }),
      text(86_402, "f", { ...failed, senderId: ME, mine: true }),
    ]);
    expect([...made.querySelectorAll("h2")].map((each) => each.textContent)).toEqual(["2026-01-01", "2026-01-02"]);
    expect([...made.querySelectorAll(".by")].map((each) => each.textContent)).toEqual(["Bela", "Bela", "Someone"]);
    const foot = [...made.querySelectorAll(".foot")].map((each) => each.textContent);
    expect(foot[1]).toBe("pinned · edited · 00:00");
    expect([foot[3], foot[4]]).toEqual(["waiting · 00:00", "failed · 00:00"]);
    expect(made.querySelectorAll("article.own")).toHaveLength(2);
  });

  test("an answer leads to what it answers, where that is in the file", () => {
    const [one, other] = [text(1, "question"), text(2, "answer")];
    const quote = { key: one.key, senderId: THEM, excerpt: "question", gone: false };
    const made = page([one, { ...other, replyTo: quote }, { ...text(3, "x"), replyTo: { ...quote, excerpt: null } }]);
    const link = made.querySelector("a.re");
    expect(made.getElementById(decodeURIComponent(link?.getAttribute("href")?.slice(1) ?? ""))?.textContent).toContain("question");
    expect(made.querySelector("span.re")?.textContent).toContain("elsewhere");
  });

  test("what is deleted or cannot be opened says so instead", () => {
    const made = page([item(1, { t: "deleted" }), item(2, { t: "sealed", cause: "not_joined" })]);
    expect([...made.querySelectorAll(".none")].map((each) => each.textContent)).toEqual(["deleted", "unreadable"]);
    expect(made.querySelector(".said")).toBeNull();
  });
});

describe("JSON", () => {
  const body = fc.oneof<fc.Arbitrary<Body>[]>(
    fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE)).map((said): Body => ({ t: "text", text: said })),
    fc.constantFrom<Body>({ t: "deleted" }, { t: "sealed", cause: "own_lost" }, { t: "unknown", type: "poll" }, { t: "system", event: { what: "other" } }),
  );

  test("parses, and has each message once, in order, however it is cut into pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.array(body, { maxLength: 5 }), { maxLength: 5 }), fc.string({ unit: "binary" }), (cut, name) => {
        let seq = 0;
        const pieces = cut.map((piece) => piece.map((each) => item((seq += 1), each)));
        const made = JSON.parse(write(new JsonWriter(), pieces, { name, chat: name })) as { messages: JsonMessage[]; chat: { name: string } };
        expect(made.messages.map((each) => each.id)).toEqual(pieces.flat().map((each) => nameOf(each.key)));
        expect(made.messages.map((each) => each.seq)).toEqual(pieces.flat().map((_, index) => index + 1));
        const said = pieces.flat().flatMap((each) => (each.body.t === "text" ? [each.body.text] : []));
        expect(made.messages.flatMap((each) => each.text ?? [])).toEqual(said);
        expect(made.chat.name).toBe(name);
      }),
    );
  });

  test("has the shape that the reference describes", () => {
    const one = text(1, "hi", { edited: true, pinned: true, reactions: [{ emoji: "👍", userIds: [ME, THEM] }] });
    const quote = { key: one.key, senderId: THEM, excerpt: "hi", gone: false };
    const waiting = text(2, "later", { seq: null, replyTo: quote, senderId: ME, forwarded: true });
    const made: unknown = JSON.parse(write(new JsonWriter(), [[one], [waiting]]));
    expect(made).toEqual({
      format: FORMAT,
      version: VERSION,
      exportedAt: "1970-01-01T00:00:00.000Z",
      exportedBy: ME,
      chat: { id: "c", type: "direct", name: "Bela", encrypted: true, createdAt: "1970-01-01T00:00:00.000Z" },
      messages: [
        {
          id: `${THEM}/c1`,
          seq: 1,
          at: "2026-01-01T00:00:01.000Z",
          from: THEM,
          kind: "text",
          text: "hi",
          edited: true,
          pinned: true,
          reactions: [{ emoji: "👍", from: [ME, THEM] }],
        },
        {
          id: `${THEM}/c2`,
          seq: null,
          at: "2026-01-01T00:00:02.000Z",
          from: ME,
          kind: "text",
          text: "later",
          forwarded: true,
          replyTo: `${THEM}/c1`,
          unsent: "waiting",
        },
      ],
      people: { [THEM]: { name: "Bela", username: "them" } },
      complete: true,
      counts: { messages: 2, unreadable: 0, unsent: 0 },
    });
  });

  test("news that only this device noticed are not unsent messages", () => {
    const news = item(1, { t: "system", event: { what: "keys", news: "first", userIds: [THEM] } }, { kind: "system", seq: null });
    const { messages } = JSON.parse(write(new JsonWriter(), [[news]])) as { messages: JsonMessage[] };
    expect(messages[0]).not.toHaveProperty("unsent");
  });

  test("one message on each line", () => {
    const lines = write(new JsonWriter(), [[text(1, "a\nb"), text(2, "c")]]).split("\n");
    expect(lines.slice(1, 3).map((line) => (JSON.parse(line.replace(/^,|,$/g, "")) as JsonMessage).seq ?? 0)).toEqual([1, 2]);
  });
});
