import { EVERYONE } from "@/core/limits.ts";
import type { MemberItem } from "@/core/services.ts";
import type { Person } from "@/core/talk/mentions.ts";

/**
 * Everybody in a chat who can be named there; oneself one does not name. `everyone`: the word for all of a group; null where
 * there is no group. Somebody of that username comes before it.
 */
export const nameable = (members: readonly MemberItem[], myId: string, everyone: string | null): Person[] => [
  ...(everyone === null ? [] : [{ id: EVERYONE, name: everyone, username: "everyone" }]),
  ...members.flatMap(({ userId, profile }) =>
    profile && userId !== myId ? [{ id: userId, name: profile.displayName, username: profile.username }] : [],
  ),
];
