import { History } from "lucide-react";

import type { ChatDetail } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";

export interface BeforeProps {
  chat: ChatDetail;
  /** To the encrypted chat. */
  onOpen: (chatId: string) => void;
}

/** In the place of the composer: this chat is from before encryption, and another one takes its place. */
export function Before({ chat, onOpen }: BeforeProps) {
  const t = useT();
  const services = useServices();
  const { busy, problem, run } = useAction();
  const goOn = (): void => void run(async () => onOpen(await services.chats.continueSealed(chat.id)));
  return (
    <section
      aria-labelledby="before-title"
      className="pad-safe-bottom flex flex-col items-center gap-3 border-t border-line bg-surface px-4 pt-4 text-center"
    >
      <div className="max-w-prose">
        <h2 id="before-title" className="flex items-center justify-center gap-2 text-base font-semibold">
          <History aria-hidden="true" className="size-4.5 shrink-0 text-ink-soft" />
          {t("conversation.before")}
        </h2>
        <p className="mt-1 text-sm text-pretty text-ink-soft">
          {t(chat.type === "group" ? "conversation.beforeGroup" : "conversation.beforeText")}
        </p>
      </div>
      <Button busy={busy} onClick={goOn}>
        {t("conversation.goOn")}
      </Button>
      <p role="status" className="min-h-5 text-sm text-danger">
        {problem}
      </p>
    </section>
  );
}
