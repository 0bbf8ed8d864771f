import { expect, it } from "vitest";

import { bytes } from "./bytes.ts";

it.each([
  [12_345, "en", "12 kB"],
  [3_400_000, "en", "3.4 MB"],
  [128_000_000_000, "en", "128 GB"],
  [5e15, "en", "5,000 TB"],
  [0, "en", "0 kB"],
])("%d bytes are said as people say them", (count, language, said) => {
  expect(bytes(count, language)).toBe(said);
});
