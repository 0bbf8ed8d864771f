import { Pin } from "lucide-react";
import { useState } from "react";

import { useQuery } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";

import type { Asks } from "./asks.ts";

/** Under the header: the newest pinned message; pressing goes there, and shows the one before it. */
export function Pinned({ chatId, asks }: { chatId: string; asks: Asks }) {
  const t = useT();
  const pinned = useQuery((each) => each.messages.pinned(chatId), [chatId]) ?? [];
  const [turn, setTurn] = useState(0);
  const message = pinned[turn % Math.max(1, pinned.length)];
  if (!message) return null;
  const text = message.body.t === "text" ? message.body.text : t("conversation.newer");
  return (
    <button
      type="button"
      onClick={() => {
        asks.jump(message.key);
        setTurn((now) => now + 1);
      }}
      className="flex w-full min-w-0 items-center gap-2.5 border-b border-line bg-surface px-4 py-2 text-start text-sm hover:bg-hover"
    >
      <Pin aria-hidden="true" className="size-4 shrink-0 text-brand" />
      <span className="shrink-0 font-semibold">
        {pinned.length > 1 ? t("conversation.pinnedOf", { place: (turn % pinned.length) + 1, count: pinned.length }) : t("conversation.pinned")}
      </span>
      <span className="truncate text-ink-soft">{text}</span>
    </button>
  );
}
