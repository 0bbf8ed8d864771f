// Before every test file of the screens: all words, as if every screen had been open before.

import { SECTIONS, speakAlso, type Section } from "../languages.ts";

await speakAlso(...(Object.keys(SECTIONS) as Section[]));
