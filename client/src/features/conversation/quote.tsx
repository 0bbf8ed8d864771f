import { X } from "lucide-react";

import type { MessageItem, Quote as Quoted } from "@/core/services.ts";
import { saidIn } from "@/core/talk/polls.ts";
import { useNames } from "@/hooks/people.ts";
import { useT } from "@/i18n/index.ts";
import { IconButton } from "@/ui/icon-button.tsx";

import type { Asks } from "./asks.ts";

function useAuthor(senderId: string, myId: string): string {
  const t = useT();
  const names = useNames([senderId]);
  return senderId === myId ? t("common.you") : (names.get(senderId) ?? t("conversation.someone"));
}

/** In a bubble: the message that it answers. A press goes there. */
export function Quote({ quote, asks }: { quote: Quoted; asks: Asks }) {
  const t = useT();
  const author = useAuthor(quote.senderId, asks.myId);
  const words = asks.hushes(quote.senderId) ? t("chats.hushed") : quote.excerpt === null ? t(quote.gone ? "conversation.deleted" : "conversation.quoteElsewhere") : quote.excerpt;
  return (
    <button
      type="button"
      data-held
      onClick={() => asks.jump(quote.key)}
      className="mb-1 flex w-full max-w-full min-w-0 flex-col rounded-md border-s-3 border-brand bg-brand/8 py-1 ps-2.5 pe-3 text-start text-sm transition-colors hover:bg-brand/14"
    >
      <span className="max-w-full truncate font-semibold text-brand">{author}</span>
      <span className={quote.excerpt === null ? "line-clamp-2 italic" : "line-clamp-2 wrap-anywhere"}>{words}</span>
      <span className="sr-only">{t("conversation.toQuoted")}</span>
    </button>
  );
}

/** Above the place to write: what is being answered. */
export function Answering({ message, myId, onStop }: { message: MessageItem; myId: string; onStop: () => void }) {
  const t = useT();
  const author = useAuthor(message.senderId, myId);
  return (
    <div className="mx-auto flex w-full max-w-4xl items-center gap-2 ps-3 pe-3 pt-2">
      <div className="flex min-w-0 flex-1 flex-col rounded-md border-s-3 border-brand bg-brand/8 px-2.5 py-1 text-sm">
        <span className="truncate font-semibold text-brand">{t("conversation.answering", { name: author })}</span>
        <span className="truncate text-ink-soft">{saidIn(message.body) ?? "…"}</span>
      </div>
      <IconButton icon={X} label={t("conversation.stopAnswering")} onClick={onStop} />
    </div>
  );
}
