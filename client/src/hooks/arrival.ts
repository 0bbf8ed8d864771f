// What the server says behind "#" when it sends somebody back from another provider (batiyoun/auth/oidc/routes.py).

export type Arrival =
  | { at: "nothing" }
  /** A sign-in that waits for the second factor. */
  | { at: "second-factor" }
  /** Somebody without an account. */
  | { at: "sign-up" }
  /** The account elsewhere is linked. */
  | { at: "linked" }
  | { at: "refused"; code: string };

const ERROR = /^#oidc-error=([a-z_]{1,40})$/;

/** Reads the page's address. */
export function readArrival(hash = location.hash): Arrival {
  const code = ERROR.exec(hash)?.[1];
  if (code) return { at: "refused", code };
  if (hash === "#second-factor") return { at: "second-factor" };
  if (hash === "#oidc") return { at: "sign-up" };
  return { at: hash === "#oidc-linked" ? "linked" : "nothing" };
}

/** It was told: a reload shall not tell it again. */
export function forgetArrival(): void {
  if (readArrival().at !== "nothing") history.replaceState(history.state, "", location.pathname + location.search);
}

const AWAY = "batiyoun.away";

/** This tab goes to another provider now. */
export const leave = (): void => sessionStorage.setItem(AWAY, "yes");

/** Whether this tab was at another provider since it was last asked. */
export function wasAway(): boolean {
  const away = sessionStorage.getItem(AWAY) !== null;
  sessionStorage.removeItem(AWAY);
  return away;
}
