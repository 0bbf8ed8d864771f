import { Ban } from "lucide-react";

import type { ChatDetail } from "@/core/services.ts";
import { useUnblock } from "@/hooks/blocks.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";

/** In the place of the composer: one blocks whoever this chat is with. */
export function BlockedBar({ chat }: { chat: ChatDetail }) {
  const t = useT();
  const unblock = useUnblock();
  const name = chat.partner?.displayName ?? t("conversation.someone");
  return (
    <div className="pad-safe-bottom border-t border-line bg-surface">
      <div className="mx-auto flex min-h-16 max-w-4xl flex-wrap items-center justify-center gap-x-3 gap-y-1 px-4 py-2.5">
        <p className="flex min-w-0 items-center gap-2 text-ink-soft">
          <Ban aria-hidden="true" className="size-4.5 shrink-0" />
          <span className="min-w-0 wrap-anywhere">{t("blocks.bar", { name })}</span>
        </p>
        <Button size="sm" look="soft" onClick={() => void unblock(chat.partnerId ?? "", name)}>
          {t("blocks.unblock")}
        </Button>
      </div>
    </div>
  );
}
