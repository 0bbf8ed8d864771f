import { Pin } from "lucide-react";
import { useState } from "react";

import { saidIn } from "@/core/talk/polls.ts";
import { useQuery } from "@/hooks/services.ts";
import { useT, type Key } from "@/i18n/index.ts";

import type { Asks } from "./asks.ts";

/** What stands for a message without words. */
const OTHER: Partial<Record<string, Key>> = { sealed: "chats.sealed", deleted: "conversation.deleted" };

/** Under the header: the newest pinned message; pressing goes there, and shows the one before it. */
export function Pinned({ chatId, asks }: { chatId: string; asks: Asks }) {
  const t = useT();
  const pinned = useQuery((each) => each.messages.pinned(chatId), [chatId]) ?? [];
  // Counted from the pin that was the newest then: another one begins anew.
  const [walk, setWalk] = useState<{ from: string | undefined; turn: number }>({ from: undefined, turn: 0 });
  const newest = pinned[0]?.key;
  const turn = walk.from === newest ? walk.turn % Math.max(1, pinned.length) : 0;
  const message = pinned[turn];
  if (!message) return null;
  const { body } = message;
  const said = saidIn(body);
  const text = asks.hushes(message.senderId) ? t("chats.hushed") : said === null ? t(OTHER[body.t] ?? "conversation.newer") : said;
  return (
    <button
      type="button"
      onClick={() => {
        asks.jump(message.key);
        setWalk({ from: newest, turn: turn + 1 });
      }}
      className="flex w-full min-w-0 items-center gap-2.5 border-b border-line bg-surface px-4 py-2 text-start text-sm hover:bg-hover"
    >
      <Pin aria-hidden="true" className="size-4 shrink-0 text-brand" />
      <span className="shrink-0 font-semibold">
        {pinned.length > 1 ? t("conversation.pinnedOf", { place: turn + 1, count: pinned.length }) : t("conversation.pinned")}
      </span>
      <span className="truncate text-ink-soft">{text}</span>
    </button>
  );
}
