/** The scripts that the page runs before the app come from `public` as they are; what is sent is made small, as the rest. */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { minify } from "vite";

for (const name of ["theme.js", "first.js"]) {
  const path = fileURLToPath(new URL(`../../batiyoun/static/${name}`, import.meta.url));
  const { code, errors } = await minify(name, readFileSync(path, "utf8"));
  if (errors.length > 0) throw new Error(`${name}: ${errors.map((each) => each.message).join("; ")}`);
  writeFileSync(path, code);
}
