// After `vite build`: the service worker, which knows every file of that build (`injectManifest` of Workbox's build
// tools, which would bring 500 packages along).
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const out = process.argv[2] ?? here("../../batiyoun/static");
const worker = "sw.js";

/**
 * What opens without a network: pages, code, styles, fonts, and the picture in the tab. Not what only an installation
 * wants (the manifest, its icons and screenshots), nor the compressed copies, which the server chooses.
 */
const SHELL = /^(index\.html|theme\.js|first\.js|favicon\.svg|assets\/.+\.(js|css|woff2|svg))$/;

const shell = readdirSync(out, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(out, join(entry.parentPath, entry.name)).split(sep).join("/"))
  .filter((path) => SHELL.test(path))
  .toSorted()
  .map((path) => ({
    url: `/${path}`,
    // The names of assets change with their contents.
    revision: path.startsWith("assets/")
      ? null
      : createHash("sha256").update(readFileSync(join(out, path))).digest("hex").slice(0, 16),
  }));

await build({
  root: here(".."),
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  resolve: {
    alias: [
      // The same library without its detours for old browsers, which have no service workers of this kind either.
      { find: "dexie", replacement: here("../node_modules/dexie/dist/modern/dexie.min.mjs") },
      { find: "./derive.ts", replacement: here("../src/core/crypto/mls/derive-small.ts") },
    ],
  },
  define: { SHELL: JSON.stringify(shell), "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: out,
    emptyOutDir: false,
    target: "es2022",
    // One classic script: a worker cannot import later, and Firefox has no service workers of modules before 147.
    lib: { entry: here("../src/worker/main.ts"), formats: ["iife"], name: "worker", fileName: () => worker },
    rolldownOptions: {
      output: { codeSplitting: false },
    },
  },
});
