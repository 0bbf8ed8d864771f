// Import this first of all: the page's CSP says `require-trusted-types-for 'script'; trusted-types default`.

interface PolicyRules {
  createScriptURL(url: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: PolicyRules): unknown;
}

/** The service worker's address, without anything behind it. */
export const WORKER_URL = "/sw.js";

/**
 * The only script addresses the page ever loads by itself are its service worker and its own built workers. HTML and script text from strings
 * have no rule here, so the browser refuses them everywhere.
 *
 * Returns the address, or throws `TypeError`.
 */
export function allowScriptUrl(url: string, base: string): string {
  const { href, origin, pathname } = new URL(url, base);
  if (href === new URL(WORKER_URL, base).href) return url;
  if (origin === new URL(base).origin && pathname.startsWith("/assets/") && pathname.endsWith(".js")) return url;
  throw new TypeError(`script address refused: ${url}`);
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
factory?.createPolicy("default", { createScriptURL: (url) => allowScriptUrl(url, location.origin) });
