// Import this first of all: the page's CSP says `require-trusted-types-for 'script'; trusted-types default`.

interface PolicyRules {
  createScriptURL(url: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: PolicyRules): unknown;
}

/**
 * The only script addresses the page ever loads by itself are its own built workers. HTML and script text from strings
 * have no rule here, so the browser refuses them everywhere.
 *
 * Returns the address, or throws `TypeError`.
 */
export function allowScriptUrl(url: string, base: string): string {
  const { origin, pathname } = new URL(url, base);
  if (origin === new URL(base).origin && pathname.startsWith("/assets/") && pathname.endsWith(".js")) return url;
  throw new TypeError(`script address refused: ${url}`);
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
factory?.createPolicy("default", { createScriptURL: (url) => allowScriptUrl(url, location.origin) });
