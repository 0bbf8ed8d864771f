import type { MessageItem } from "@/core/services.ts";
import { useNames } from "@/hooks/people.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { cx } from "@/ui/cx.ts";
import { Tooltip } from "@/ui/tooltip.tsx";

import type { Asks } from "./asks.ts";
import { useMessageActions } from "./use-message-actions.ts";

/** So many people are named; a screen reader need not hear a whole school. */
const NAMED = 8;

/** Under a bubble: each emoji with how many gave it. A press gives one's own, or takes it back. */
export function Reactions({ message, asks }: { message: MessageItem; asks: Asks }) {
  return (
    <div className={cx("-mt-1 flex max-w-full flex-wrap gap-1 px-1", message.mine && "justify-end")}>
      {message.reactions.map((reaction) => (
        <Chip key={reaction.emoji} message={message} asks={asks} {...reaction} />
      ))}
    </div>
  );
}

function Chip({ message, asks, emoji, userIds }: { message: MessageItem; asks: Asks; emoji: string; userIds: string[] }) {
  const t = useT();
  const format = useFormat();
  const act = useMessageActions(message);
  const names = useNames(userIds.slice(0, NAMED));
  const mine = userIds.includes(asks.myId);
  const called = userIds.slice(0, NAMED).map((id) => (id === asks.myId ? t("common.you") : (names.get(id) ?? t("conversation.someone"))));
  const more = userIds.length > NAMED ? [`+${userIds.length - NAMED}`] : [];
  const shown = userIds.length > 1 ? `${emoji} ${userIds.length}` : emoji;
  const label = t("conversation.reactedBy", { emoji: shown, people: format.list([...called, ...more]) });
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={mine}
        disabled={!asks.writes}
        onClick={() => act.react(emoji, !mine)}
        className={cx(
          "relative inline-flex h-7 items-center gap-1 rounded-full border px-2 text-sm tabular-nums transition-colors pointer-coarse:h-9 pointer-coarse:px-3",
          mine ? "border-brand bg-brand-soft text-on-brand-soft" : "border-line bg-surface text-ink-soft hover:not-disabled:bg-hover",
        )}
      >
        {shown}
      </button>
    </Tooltip>
  );
}
