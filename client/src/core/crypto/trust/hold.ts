// For whom a message waits until the person in front of the screen has looked at somebody's keys. Pure.

/** What a hold is decided by: the chat's kind, and how many people are in it. */
export interface HoldChat {
  type: "direct" | "group";
  memberCount: number;
}

/**
 * Whose new keys hold sending, of these people. Where two talk alone, anybody's; in a group only of those who had been
 * verified, or every new phone of a big family would silence it.
 */
export function holders(
  chat: HoldChat,
  people: Iterable<readonly [userId: string, trust: { state: string; hadVerified: boolean } | undefined]>,
): string[] {
  const alone = chat.type === "direct" || chat.memberCount <= 2;
  const held: string[] = [];
  for (const [userId, trust] of people) {
    if (trust?.state === "changed" && (alone || trust.hadVerified)) held.push(userId);
  }
  return held;
}
