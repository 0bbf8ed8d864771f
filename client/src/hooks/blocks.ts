// People whom one does not want to hear of, on the screens.

import type { Blocked, MessageItem } from "@/core/services.ts";
import { useT } from "@/i18n/index.ts";
import { toast } from "@/ui/toast-store.ts";

import { useProblem } from "./problem.ts";
import { useLive, useServices } from "./services.ts";

const NOBODY: Blocked = new Map();

/** Whom one blocks, and since when. */
export function useBlocked(): Blocked {
  return useLive(useServices().blocks.people) ?? NOBODY;
}

/** Takes a block back at once, and says so. */
export function useUnblock(): (userId: string, name: string) => Promise<void> {
  const t = useT();
  const say = useProblem();
  const { blocks } = useServices();
  return async (userId, name) => {
    try {
      await blocks.set(userId, false);
      toast(t("blocks.unblocked", { name }), "good");
    } catch (error) {
      toast(say(error), "danger");
    }
  };
}

/** Of the window that asks before somebody is blocked. */
export interface BlockProps {
  userId: string;
  onClose: () => void;
}

/** Of the window in which somebody is reported. */
export interface ReportProps {
  userId: string;
  /** Where it happened. */
  chatId: string | null;
  /** What may be sent along. */
  messages: readonly MessageItem[];
  onClose: () => void;
}
