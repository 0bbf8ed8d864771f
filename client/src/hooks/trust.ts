// Whose keys these are, where a name is shown or something is written.

import { holders } from "@/core/crypto/trust/hold.ts";
import type { ChatDetail, PersonTrust } from "@/core/services.ts";

import { useLive, useServices } from "./services.ts";

/** What is known of the person's keys; undefined: nothing, or not yet. */
export function useTrust(userId: string | null): PersonTrust | undefined {
  const people = useLive(useServices().trust.people);
  return userId === null ? undefined : people?.get(userId);
}

/** Whose new keys hold what is written in the chat. */
export function useHolders(chat: ChatDetail, myId: string): string[] {
  const people = useLive(useServices().trust.people);
  if (chat.encryption === "none" || chat.membership === "gone") return [];
  const others = chat.members.filter((member) => member.userId !== myId);
  return holders(chat, others.map(({ userId }) => [userId, people?.get(userId)] as const));
}
