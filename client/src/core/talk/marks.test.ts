import { expect, test } from "vitest";

import { blocks, pieces, plain, shortened, type Piece } from "./marks.ts";

const LETTERS = { bold: "b", italic: "i", struck: "s" } as const;

/** As if it were tags, to be read in one line. */
const shown = (parts: readonly Piece[]): string =>
  parts
    .map((piece) => {
      if (piece.kind === "text" || piece.kind === "mention") return piece.text;
      if (piece.kind === "link") return `<a>${piece.text}</a>`;
      if (piece.kind === "code") return `<c>${piece.text}</c>`;
      return `<${LETTERS[piece.kind]}>${shown(piece.parts)}</${LETTERS[piece.kind]}>`;
    })
    .join("");

test.each([
  ["*bold* _italic_ ~struck~ `code`", "<b>bold</b> <i>italic</i> <s>struck</s> <c>code</c>"],
  ["**bold** __bold__ ~~struck~~", "<b>bold</b> <b>bold</b> <s>struck</s>"],
  ["*all _of_ it*", "<b>all <i>of</i> it</b>"],
  ["_*both*_", "<i><b>both</b></i>"],
  ["(*so*), *so*!", "(<b>so</b>), <b>so</b>!"],
  ["*बहुत ज़रूरी*।", "<b>बहुत ज़रूरी</b>।"],
  ["*مهم*، نعم", "<b>مهم</b>، نعم"],
  ["*https://example.org/a_b_c*", "<b><a>https://example.org/a_b_c</a></b>"],
  ["`*not bold*`", "<c>*not bold*</c>"],
  ["*see https://example.org/* there*", "<b>see <a>https://example.org/</a></b> there*"],
])("%s is styled", (text, expected) => {
  expect(shown(pieces(text))).toBe(expected);
});

test.each([
  "snake_case_name",
  "2*3*4 = 24",
  "5 * 3 * 2",
  "¯\\_(ツ)_/¯",
  "*not\nover lines*",
  "* an item",
  "*open",
  "closed*",
  "**",
  "~",
  "``",
  "*123#",
])("%s stays as it is", (text) => {
  expect(pieces(text)).toEqual([{ kind: "text", text }]);
});

test("overlapping marks keep their words", () => {
  expect(shown(pieces("*one _two* three_"))).toBe("<b>one _two</b> three_");
});

test("blocks of code are kept word by word, with no empty lines around them", () => {
  expect(blocks("see\n```ts\nconst a = *b*;\n  c();\n```\nthere")).toEqual([
    { kind: "words", parts: [{ kind: "text", text: "see" }] },
    { kind: "code", text: "const a = *b*;\n  c();" },
    { kind: "words", parts: [{ kind: "text", text: "there" }] },
  ]);
  expect(blocks("```one line```")).toEqual([{ kind: "code", text: "one line" }]);
  expect(blocks("``` ```")).toEqual([{ kind: "words", parts: [{ kind: "text", text: "``` ```" }] }]);
});

test("lines after > are one quote", () => {
  expect(blocks("> a *b*\n> c\nd")).toEqual([
    {
      kind: "quote",
      parts: [{ kind: "text", text: "a " }, { kind: "bold", parts: [{ kind: "text", text: "b" }] }, { kind: "text", text: "\nc" }],
    },
    { kind: "words", parts: [{ kind: "text", text: "d" }] },
  ]);
  expect(blocks("> \n>")).toEqual([{ kind: "words", parts: [{ kind: "text", text: "> \n>" }] }]);
  expect(blocks("a > b")).toEqual([{ kind: "words", parts: [{ kind: "text", text: "a > b" }] }]);
});

test.each(["*javascript:alert(1)*", "`https://x.org`", "```javascript:alert(1)```", "> data:text/html,x"])(
  "security 23: no link comes out of %s",
  (text) => {
    expect(JSON.stringify(blocks(text))).not.toContain("href");
  },
);

test.each(["*a ", "_*~", "`", "```", "> ", "*a_b~c ", "https://", "**__~~x ", "\n*"])(
  "security 23: a long text of %j costs little",
  (part) => {
    const text = part.repeat(64_000 / part.length);
    const began = performance.now();
    blocks(text);
    // A quadratic reader takes far longer, even on a slow machine.
    expect(performance.now() - began).toBeLessThan(2_000);
  },
);

test.each([
  ["*Kal* _subah_ ~paanch~ `chhe`", "Kal subah paanch chhe"],
  ["> said before\nand now **this**", "said before\nand now this"],
  ["look:\n```js\nlet a = 1;\n```\nnice", "look:\nlet a = 1;\nnice"],
  ["my_file_name is 2*3*4, see https://example.org/a_b_c", "my_file_name is 2*3*4, see https://example.org/a_b_c"],
  ["", ""],
])("%j is mentioned as %j", (text, expected) => {
  expect(plain(text)).toBe(expected);
});

test("plain words are cut between characters", () => {
  expect(shortened("chai", 9)).toBe("chai");
  expect(shortened(`${"a".repeat(4)}🌻🌻`, 5)).toBe("aaaa");
  expect(shortened(`${"a".repeat(4)}🌻🌻`, 6)).toBe("aaaa🌻");
});
