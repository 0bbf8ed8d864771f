// Chats in which nothing is said any more: another one has taken, or will take, their place.

import type { ChatDetail } from "@/core/services.ts";

/** Why; null: people write here. */
export function overOf({ frozen, goesOn, readOnly }: Pick<ChatDetail, "frozen" | "goesOn" | "readOnly">): "gone on" | "frozen" | "before" | null {
  if (goesOn !== null) return "gone on";
  if (frozen) return "frozen";
  return readOnly ? "before" : null;
}
