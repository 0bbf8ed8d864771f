// What an invitation's link carries behind its "#" (later: the inviter's keys). Servers never see a fragment, and signing up
// may lead over other pages and back, so it is kept for this tab until the invitation is used.

const KEY = "batiyoun.invitation";

interface Kept {
  code: string;
  fragment: string;
}

/** Keeps what this page's address carries. Without a fragment what was kept before stays. */
export function keepFragment(code: string): void {
  const fragment = location.hash.slice(1);
  if (fragment) sessionStorage.setItem(KEY, JSON.stringify({ code, fragment } satisfies Kept));
}

/** What was kept for this invitation; null: nothing. */
export function keptFragment(code: string): string | null {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Kept | null;
  return kept?.code === code ? kept.fragment : null;
}

/** The invitation is used: whoever opens the next one in this tab begins anew. */
export const forgetFragment = (): void => sessionStorage.removeItem(KEY);
