import { expect, test } from "vitest";

import { allowScriptUrl } from "./trusted-types.ts";

const PAGE = "https://chat.example";

test.each(["/assets/crypto-4f2a.js", "https://chat.example/assets/crypto-4f2a.js", "/sw.js"])("a built worker is allowed: %s", (url) => {
  expect(allowScriptUrl(url, PAGE)).toBe(url);
});

test.each([
  "https://elsewhere.example/assets/crypto.js",
  "//elsewhere.example/assets/crypto.js",
  "/api/files/crypto.js",
  "/assets/../api/files/crypto.js",
  "/assets/picture.svg",
  "/sw.js?other=1",
  "/api/sw.js",
  "https://elsewhere.example/sw.js",
  "data:text/javascript,alert(1)",
  "blob:https://chat.example/0a",
])("anything else is refused: %s", (url) => {
  expect(() => allowScriptUrl(url, PAGE)).toThrow(TypeError);
});
