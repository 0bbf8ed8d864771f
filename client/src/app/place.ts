// Addresses of the app and what they show.

export type Place =
  | { at: "list" }
  | { at: "chat"; chatId: string }
  | { at: "info"; chatId: string }
  | { at: "new" }
  | { at: "newGroup" }
  | { at: "settings" }
  | { at: "unknown" };

const ID = "([0-9A-Za-z-]{1,64})";
const CHAT = new RegExp(`^/c/${ID}$`);
const INFO = new RegExp(`^/c/${ID}/info$`);

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
  return { at: "unknown" };
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
  }
}

/** Where "back" leads from a place, whatever the browser's history says. */
export function parentOf(place: Place): string {
  if (place.at === "info") return `/c/${place.chatId}`;
  return place.at === "newGroup" ? "/new" : "/";
}

/** The chat to return to after signing in: from `?next=` of the sign-in page; anything but a chat of ours leads home. */
export function nextOf(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  const { at } = placeOf(next);
  return at === "chat" || at === "info" ? next : "/";
}

/** The sign-in page that leads back to where the person wanted to go. */
export function signInPath(path: string): string {
  const { at } = placeOf(path);
  return at === "chat" || at === "info" ? `/login?${new URLSearchParams({ next: path })}` : "/login";
}
