// Words by key: `translate(catalogue, "hi", "chats.unread", { count: 3 })`. A value is a sentence with {holes}, or one
// sentence per plural form (CLDR, as Intl.PluralRules names them), chosen by `count`.

import type account from "./account/en.json";
import type auth from "./auth/en.json";
import type blocks from "./blocks/en.json";
import type complete from "./complete/en.json";
import type conversation from "./conversation/en.json";
import type devices from "./devices/en.json";
import type en from "./en.json";
import type files from "./files/en.json";
import type forms from "./forms/en.json";
import type group from "./group/en.json";
import type invites from "./invites/en.json";
import type keys from "./keys/en.json";
import type obstacles from "./obstacles/en.json";
import type people from "./people/en.json";
import type pictures from "./pictures/en.json";
import type polls from "./polls/en.json";
import type problems from "./problems/en.json";
import type pwa from "./pwa/en.json";
import type search from "./search/en.json";
import type security from "./security/en.json";
import type settings from "./settings/en.json";
import type stepUp from "./stepUp/en.json";
import type trust from "./trust/en.json";
import { numbersOf, pluralsOf } from "./kept.ts";
import type wishes from "./wishes/en.json";

/** The words of the first load, and those that come with the screens that say them (`languages.ts`). */
export type Catalogue = typeof en & {
  account: typeof account;
  auth: typeof auth;
  blocks: typeof blocks;
  complete: typeof complete;
  conversation: typeof conversation;
  devices: typeof devices;
  files: typeof files;
  forms: typeof forms;
  group: typeof group;
  invites: typeof invites;
  keys: typeof keys;
  obstacles: typeof obstacles;
  people: typeof people;
  pictures: typeof pictures;
  polls: typeof polls;
  problems: typeof problems;
  pwa: typeof pwa;
  search: typeof search;
  security: typeof security;
  settings: typeof settings;
  stepUp: typeof stepUp;
  trust: typeof trust;
  wishes: typeof wishes;
};
type Section = keyof Catalogue & string;
/** Every key of the English catalogue; the others have the same (i18n.test.ts). */
export type Key = { [S in Section]: `${S}.${keyof Catalogue[S] & string}` }[Section];
export type Params = Record<string, string | number>;
type Value = string | Partial<Record<Intl.LDMLPluralRule, string>>;
/** What another language's file has to look like. */
export type Words = Record<string, Record<string, Value>>;

export function translate(words: Words, language: string, key: Key, params: Params = {}): string {
  const dot = key.indexOf(".");
  const value = words[key.slice(0, dot)]?.[key.slice(dot + 1)];
  if (value === undefined) return key;
  const sentence = typeof value === "string" ? value : plural(value, language, Number(params["count"]));
  return sentence.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const filling = params[name];
    if (filling === undefined) return hole;
    return typeof filling === "number" ? numbersOf(language).format(filling) : filling;
  });
}

function plural(forms: Exclude<Value, string>, language: string, count: number): string {
  return forms[pluralsOf(language).select(count)] ?? forms.other ?? "";
}
