import type { ChatItem } from "@/core/services.ts";
import type { Translate } from "@/i18n/index.ts";

/** "Notes to self", the group's name, or the other person's. */
export function chatName(chat: ChatItem, myId: string, t: Translate): string {
  if (chat.partnerId !== null && chat.partnerId === myId) return t("chats.notes");
  return chat.name ?? chat.partner?.displayName ?? t("chats.someone");
}

export const avatarKind = (chat: ChatItem, myId: string): "group" | "self" | "person" =>
  chat.type === "group" ? "group" : chat.partnerId === myId ? "self" : "person";
