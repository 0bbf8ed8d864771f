import type { MessageItem } from "@/core/services.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { toast } from "@/ui/toast-store.ts";

/** What is done with a message on the spot. Trouble is told in a notice. */
export function useMessageActions(message: MessageItem) {
  const t = useT();
  const say = useProblem();
  const { messages } = useServices();
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      toast(say(error), "danger");
    }
  };
  return {
    retry: () => void attempt(() => messages.retry(message.key)),
    unavailable: () => toast(t("problems.offline"), "danger"),
    cancel: () =>
      void attempt(async () => {
        if (!(await messages.cancel(message.key))) toast(t("conversation.tooLate"), "danger");
      }),
    react: (emoji: string, on: boolean) => void attempt(() => messages.react(message.key, emoji, on)),
    vote: (choices: number[]) => void attempt(() => messages.vote(message.key, choices)),
    pin: (on: boolean) => void attempt(() => messages.pin(message.key, on)),
    copy: async (text: string): Promise<void> => {
      try {
        await navigator.clipboard.writeText(text);
        toast(t("conversation.copied"), "good");
      } catch {
        toast(t("conversation.copyFailed"), "danger");
      }
    },
  };
}
