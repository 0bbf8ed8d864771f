// How chats are called and drawn, the same on every screen.

import type { ChatItem } from "@/core/services.ts";
import type { Translate } from "@/i18n/index.ts";

/** "Notes to self", the group's name, or the other person's. */
export function chatName(chat: ChatItem, myId: string, t: Translate): string {
  if (chat.partnerId !== null && chat.partnerId === myId) return t("chats.notes");
  if (chat.name !== null) return chat.name;
  return chat.partner?.displayName ?? (chat.some.join(", ") || t(chat.type === "group" ? "chats.unnamed" : "chats.someone"));
}

export type AvatarKind = "person" | "group" | "self";

/** How the chat's picture is drawn. */
export function avatarKind(chat: ChatItem, myId: string): AvatarKind {
  if (chat.type === "group") return "group";
  return chat.partnerId === myId ? "self" : "person";
}
