import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { LANGUAGES, preferredLanguage, SECTIONS, speak, spoken, type Language } from "./languages.ts";
import { regional } from "./regional.ts";
import { translate, type Words } from "./translate.ts";

const SOURCES = join(import.meta.dirname, "..");

/** The words of the first load and of every section. */
async function wordsOf(language: Language): Promise<Words> {
  const sections = await Promise.all(
    Object.entries(SECTIONS).map(async ([section, files]) => [section, (await files[language]()).default] as const),
  );
  return { ...(await LANGUAGES[language].load()), ...(Object.fromEntries(sections) as Words) };
}

const catalogues = await Promise.all(
  (Object.keys(LANGUAGES) as Language[]).map(async (language) => [language, await wordsOf(language)] as const),
);
const english = await wordsOf("en");

/** "section.key" → its sentences, one or one per plural form. */
function sentences(words: Words): Map<string, Record<string, string>> {
  const all = new Map<string, Record<string, string>>();
  for (const [section, keys] of Object.entries(words)) {
    for (const [key, value] of Object.entries(keys)) {
      all.set(`${section}.${key}`, typeof value === "string" ? { "": value } : value);
    }
  }
  return all;
}

const holes = (sentence: string): string[] => [...new Set(sentence.match(/\{\w+\}/g))].toSorted();

describe.each(catalogues)("the words of %s", (language, words) => {
  const expected = sentences(english);
  const actual = sentences(words);

  it("are for every key of the English ones, in the same order, and for no other", () => {
    expect([...actual.keys()]).toEqual([...expected.keys()]);
  });

  it("leave nothing empty and no spaces at the ends", () => {
    const untidy = [...actual].filter(([, forms]) => Object.values(forms).some((each) => !/^\S(.*\S)?$/s.test(each)));
    expect(untidy).toEqual([]);
  });

  it("have the same holes as English in every form", () => {
    for (const [key, forms] of actual) {
      const wanted = holes(Object.values(expected.get(key) ?? {}).join(" "));
      for (const [form, sentence] of Object.entries(forms)) {
        // One of a thing may be said without its number.
        const optional = form === "one" ? wanted.filter((hole) => hole === "{count}" && !sentence.includes(hole)) : [];
        expect({ key, form, holes: [...holes(sentence), ...optional].toSorted() }).toEqual({ key, form, holes: wanted });
      }
    }
  });

  it("have the plural forms of the language, where English counts", () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    for (const [key, value] of actual) {
      const counts = !("" in (expected.get(key) ?? {}));
      expect({ key, forms: Object.keys(value).toSorted() }).toEqual({ key, forms: counts ? forms : [""] });
    }
  });
});

describe("the catalogue", () => {
  it("has no key that no screen uses", () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
      (name) => /\.tsx?$/.test(name) && !name.includes(".test."),
    );
    const source = files.map((name) => readFileSync(join(SOURCES, name), "utf8")).join("\n");
    const whole = new Set(source.match(/["'`][a-z]\w*\.\w+["'`]/gi)?.map((quoted) => quoted.slice(1, -1)));
    // t(`problems.${code}`) may be any key of its section that begins so.
    const built = [...source.matchAll(/`([a-z]\w*\.\w*)\$\{/gi)].map((match) => match[1] ?? "");
    const unused = [...sentences(english).keys()].filter(
      (key) => !whole.has(key) && !built.some((beginning) => key.startsWith(beginning)),
    );
    expect(unused).toEqual([]);
  });
});

describe("speaking", () => {
  const words: Words = { box: { full: "{who} has {count}", eggs: { one: "{count} egg", other: "{count} eggs" } } };
  const say = (language: string, key: string, params?: Record<string, string | number>): string =>
    translate(words, language, key as never, params);

  it("fills holes, and writes numbers as the language does", () => {
    expect(say("en", "box.full", { who: "Asha", count: 12_345 })).toBe("Asha has 12,345");
    expect(say("hi", "box.full", { who: "आशा", count: 123_456 })).toBe("आशा has 1,23,456");
  });

  it("does not take a person's words for holes", () => {
    expect(say("en", "box.full", { who: "{count}", count: 1 })).toBe("{count} has 1");
  });

  it("chooses the plural form of the language", () => {
    expect(say("en", "box.eggs", { count: 0 })).toBe("0 eggs");
    expect(say("hi", "box.eggs", { count: 0 })).toBe("0 egg");
    expect(say("en", "box.eggs", { count: 1 })).toBe("1 egg");
  });
});

describe("sections of screens", () => {
  it("follow the language that is chosen after them", async () => {
    await speak("hi");
    expect(spoken.get().words).toEqual(await wordsOf("hi"));
    await speak("en");
    expect(spoken.get().words).toEqual(english);
  });

  it("are all missing from the first load", async () => {
    const first = Object.keys(await LANGUAGES.en.load());
    expect(first.filter((section) => Object.hasOwn(SECTIONS, section))).toEqual([]);
  });
});

describe("which language", () => {
  it("is the chosen one, else the first wanted that there is, else English", () => {
    expect(preferredLanguage("hi", ["en"])).toBe("hi");
    expect(preferredLanguage("xx", ["fr-FR", "hi-IN", "en"])).toBe("hi");
    expect(preferredLanguage(null, ["fr"])).toBe("en");
    expect(preferredLanguage("toString", [])).toBe("en");
  });

  it("is written as where the person lives", () => {
    expect(regional("en", ["hi-IN", "en-GB", "en-US"])).toBe("en-GB");
    expect(regional("hi", ["en-GB"])).toBe("hi");
  });
});
