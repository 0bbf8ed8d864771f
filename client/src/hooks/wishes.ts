// What a person does with a chat for themselves, with trouble told in a notice.

import type { Wish } from "@/core/services.ts";
import { toast } from "@/ui/toast-store.ts";

import { useProblem } from "./problem.ts";
import { useServices } from "./services.ts";

/** Fulfils a wish at once. */
export function useWish(): (chatId: string, wish: Wish) => void {
  const { chats } = useServices();
  const say = useProblem();
  return (chatId, wish) => {
    chats.wish(chatId, wish).catch((error: unknown) => toast(say(error), "danger"));
  };
}
