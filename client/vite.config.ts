import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where `batiyoun serve` listens while the client is developed with `npm run dev`. */
const server = process.env["BATIYOUN_DEV_SERVER"] ?? "http://127.0.0.1:8765";

const alias = {
  "@": here("./src"),
  // Dexie's own choice is its build for browsers of 2015; this one is a kilobyte smaller.
  dexie: here("./node_modules/dexie/dist/modern/dexie.mjs"),
  // Radix locks the page's scrolling by injecting a <style> element, which `style-src 'self'` refuses.
  "react-remove-scroll": here("./src/ui/no-remove-scroll.tsx"),
};

/** The pages for who is not signed in. */
const ENTRANCE = /src[\\/]features[\\/]auth[\\/]entrance[\\/]/;

/**
 * The app is fetched with the page, and begun by `public/first.js` once the first screen has been drawn: to evaluate half
 * a megabyte takes longer than to draw it. Where nobody is signed in it asks for the pages that are wanted then.
 */
const begunByFirst: Plugin = {
  name: "begun-by-first",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (html, { bundle = {} }) => {
      const begins = /<script type="module" crossorigin src="([^"]+)"><\/script>/;
      const entrance = Object.values(bundle).find((file) => file.type === "chunk" && file.moduleIds.some((id) => ENTRANCE.test(id)));
      if (!begins.test(html) || !entrance) throw new Error("the page has no script that begins the app, or the app no entrance");
      const links = `<link rel="modulepreload" crossorigin href="$1" data-app>\n    <link href="/${entrance.fileName}" crossorigin data-entrance>`;
      return html.replace(begins, links);
    },
  },
};

export default defineConfig({
  resolve: { alias },
  plugins: [react(), tailwindcss(), begunByFirst],
  build: {
    target: "es2022",
    outDir: "../batiyoun/static",
    emptyOutDir: true,
    // `modulepreload`'s polyfill is an inline script, which the CSP refuses; every browser we support has the real thing.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", priority: 3, test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            // What the first screen needs is one file: cut along who else needs it, it compresses two per cent worse.
            { name: "app", priority: 2, tags: ["$initial"] },
            // Who is not signed in waits for this: one file, not thirty of a kilobyte.
            { name: "entrance", priority: 1, test: new RegExp(`${ENTRANCE.source}|src[\\\\/]i18n[\\\\/](auth|forms)[\\\\/]en\\.json`) },
          ],
        },
      },
    },
  },
  // A worker fetches nothing after it began: one file, which the service worker keeps like every other.
  worker: { format: "es", rolldownOptions: { output: { codeSplitting: false } } },
  server: { proxy: { "/api": server, "/socket.io": { target: server, ws: true } } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "core",
          environment: "node",
          include: ["src/core/**/*.test.ts"],
          exclude: ["src/core/**/*.{live,sealed}.test.ts"],
          setupFiles: ["src/core/testing/setup.ts"],
          // Property tests take seconds, on a busy machine many.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "ui",
          environment: "happy-dom",
          include: ["src/{app,features,hooks,i18n,ui}/**/*.test.{ts,tsx}"],
          setupFiles: ["src/ui/testing/setup.ts", "src/i18n/testing/setup.ts"],
          // Once more, and said so: focus and menus follow timers. Never in `core`, whose property tests find true faults.
          retry: process.env["CI"] ? 1 : 0,
        },
      },
      // Core against a running server: BATIYOUN_TEST_URL names it; `sealed` is for one that offers encrypted chats.
      ...(process.env["BATIYOUN_TEST_URL"]
        ? ["live", "sealed"].map((name) => ({
            extends: true as const,
            test: {
              name,
              environment: "node" as const,
              include: [`src/core/**/*.${name}.test.ts`],
              setupFiles: ["src/core/testing/setup.ts"],
              testTimeout: 60_000,
              // One server for all, and a test may kill it.
              fileParallelism: false,
            },
          }))
        : []),
    ],
  },
});
