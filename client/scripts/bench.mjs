// Builds the page of `benchmarks/crypto` over the client's own sources: `node scripts/bench.mjs OUT`.
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const out = process.argv[2];
if (!out) throw new TypeError("say where to");

await build({
  root: here("../../benchmarks/crypto/page"),
  configFile: false,
  logLevel: "warn",
  resolve: { alias: { "@": here("../src"), valibot: here("../node_modules/valibot") } },
  worker: { format: "es", rolldownOptions: { output: { codeSplitting: false } } },
  build: { outDir: out, emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
});
