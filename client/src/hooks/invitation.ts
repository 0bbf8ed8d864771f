// What an invitation's link carries behind its "#" (later: the inviter's keys). Servers never see a fragment, and signing up
// may lead over other pages and back, so it is kept for this tab until the invitation is used.

import { readArrival } from "./arrival.ts";

const KEY = "batiyoun.invitation";

interface Kept {
  code: string;
  fragment: string | null;
}

const kept = (): Kept | null => JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Kept | null;

/** Keeps the invitation and what this page's address carries. Without a fragment what was kept of it stays. */
export function keepInvitation(code: string): void {
  // What the server says behind "#" to who comes back from another provider is not of the link.
  const fragment = readArrival().at === "nothing" ? location.hash.slice(1) : "";
  sessionStorage.setItem(KEY, JSON.stringify({ code, fragment: fragment || keptFragment(code) } satisfies Kept));
}

/** The invitation that led here, over pages of others and back; null: none. */
export const keptInvitation = (): string | null => kept()?.code ?? null;

/** What the link of this invitation carried; null: nothing. */
export function keptFragment(code: string): string | null {
  const it = kept();
  return it?.code === code ? it.fragment : null;
}

/** The invitation is used: whoever opens the next one in this tab begins anew. */
export const forgetInvitation = (): void => sessionStorage.removeItem(KEY);
