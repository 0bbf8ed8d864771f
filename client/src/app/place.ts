// Addresses of the app and what they show.

export type Place =
  | { at: "list" }
  | { at: "chat"; chatId: string }
  | { at: "info"; chatId: string }
  | { at: "new" }
  | { at: "newGroup" }
  | { at: "settings" }
  | { at: "account"; page: AccountPage }
  | { at: "invitation"; code: string }
  | { at: "unknown" };

/** Pages below the settings. */
export const ACCOUNT_PAGES = ["account", "security", "keys", "sessions", "activity", "invitations", "tokens", "storage", "blocked"] as const;
export type AccountPage = (typeof ACCOUNT_PAGES)[number];

const ID = "([0-9A-Za-z-]{1,64})";
const CHAT = new RegExp(`^/c/${ID}$`);
const INFO = new RegExp(`^/c/${ID}/info$`);

const INVITATION = /^\/invite\/([0-9A-Za-z_-]{1,64})$/;

/** What an address shows; `path` has neither query nor fragment. */
export function placeOf(path: string): Place {
  const bare = path.length > 1 ? path.replace(/\/+$/, "") : path;
  switch (bare) {
    case "":
    case "/":
      return { at: "list" };
    case "/new":
      return { at: "new" };
    case "/new/group":
      return { at: "newGroup" };
    case "/settings":
      return { at: "settings" };
  }
  const chatId = CHAT.exec(bare)?.[1];
  if (chatId) return { at: "chat", chatId };
  const about = INFO.exec(bare)?.[1];
  if (about) return { at: "info", chatId: about };
  const page = ACCOUNT_PAGES.find((each) => bare === `/settings/${each}`);
  if (page) return { at: "account", page };
  const code = INVITATION.exec(bare)?.[1];
  return code ? { at: "invitation", code } : { at: "unknown" };
}

/** The address of a place. */
export function pathOf(place: Exclude<Place, { at: "unknown" }>): string {
  switch (place.at) {
    case "list":
      return "/";
    case "chat":
      return `/c/${place.chatId}`;
    case "info":
      return `/c/${place.chatId}/info`;
    case "new":
      return "/new";
    case "newGroup":
      return "/new/group";
    case "settings":
      return "/settings";
    case "account":
      return `/settings/${place.page}`;
    case "invitation":
      return `/invite/${place.code}`;
  }
}

/** Where "back" leads from a place, whatever the browser's history says. */
export function parentOf(place: Place): string {
  if (place.at === "info") return `/c/${place.chatId}`;
  if (place.at === "account") return "/settings";
  return place.at === "newGroup" ? "/new" : "/";
}

/** What whoever signs in next may be led to; settings belong to whoever was signed in before. */
const isWish = (path: string): boolean => ["chat", "info", "invitation"].includes(placeOf(path).at);

/** Where to go after signing in: from `?next=` of the sign-in page; anything but a place of ours leads home. */
export function nextOf(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  return isWish(next) ? next : "/";
}

/** The sign-in page that leads back to where the person wanted to go. */
export const signInPath = (path: string): string =>
  isWish(path) ? `/login?${new URLSearchParams({ next: path })}` : "/login";

/** A page for who is not signed in. */
export type EntrancePage = "signIn" | "signUp" | "forgotPassword" | "resetPassword";

const ENTRANCES: Readonly<Record<string, EntrancePage>> = {
  "/login": "signIn",
  "/sign-in": "signIn",
  "/signup": "signUp",
  "/sign-up": "signUp",
  "/forgot-password": "forgotPassword",
  "/reset-password": "resetPassword",
};

export const entranceOf = (path: string): EntrancePage | null =>
  ENTRANCES[path.length > 1 ? path.replace(/\/+$/, "") : path] ?? null;
