// The last step of the build: what every file of the web app must be, for whoever wants to know whether a server serves
// this very app. In the format of `sha256sum`, sorted, without times or places: the same sources give the same bytes.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const out = process.argv[2] ?? fileURLToPath(new URL("../../batiyoun/static", import.meta.url));
const NAME = "sha256sums.txt";

const lines = readdirSync(out, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ path, name: relative(out, path).split(sep).join("/") }))
  // Not itself, and not the compressed copies: those are never served under their own names.
  .filter(({ name }) => name !== NAME && !/\.(br|gz)$/.test(name) && !/(^|\/)\./.test(name))
  .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  .map(({ path, name }) => `${createHash("sha256").update(readFileSync(path)).digest("hex")}  ${name}\n`);
writeFileSync(join(out, NAME), lines.join(""));
