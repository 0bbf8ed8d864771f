// Builds what a benchmark runs in the browser over the client's own sources: `node scripts/bench.mjs NAME OUT`. A folder
// `benchmarks/NAME/page` with an index.html becomes a page, any other one script whose exports are in `bench`.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const [name, out] = process.argv.slice(2);
if (!name || !out) throw new TypeError("say what, and where to");
const root = here(`../../benchmarks/${name}/page`);
const isPage = existsSync(`${root}/index.html`);

await build({
  root,
  configFile: false,
  logLevel: "warn",
  resolve: { alias: { "@": here("../src"), valibot: here("../node_modules/valibot"), dexie: here("../node_modules/dexie/dist/modern/dexie.mjs") } },
  worker: { format: "es", rolldownOptions: { output: { codeSplitting: false } } },
  build: {
    outDir: out,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    ...(isPage ? {} : { lib: { entry: "main.ts", formats: ["iife"], name: "bench", fileName: () => "bench.js" } }),
  },
});
