import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";

import { localDate } from "./dates.ts";

/** The day that begins here, and a way to another one: with the keyboard from the bar that searches the conversation. */
export function DayDivider({ at, onPress }: { at: number; onPress: () => void }) {
  const t = useT();
  const format = useFormat();
  return (
    <div className="flex justify-center py-3">
      <button
        type="button"
        tabIndex={-1}
        title={t("conversation.toDay")}
        onClick={onPress}
        className="rounded-full bg-surface px-3.5 py-1 text-xs font-semibold text-ink-soft hover:bg-hover hover:text-ink"
      >
        <time dateTime={localDate(at)}>{format.day(at)}</time>
      </button>
    </div>
  );
}

/** Everything below is new since the chat was opened. It stays where it is while reading. */
export function UnreadDivider() {
  const t = useT();
  return (
    <div className="flex items-center gap-3 py-3 text-xs font-semibold text-brand">
      <span aria-hidden="true" className="h-px flex-1 bg-brand/35" />
      {t("conversation.unread")}
      <span aria-hidden="true" className="h-px flex-1 bg-brand/35" />
    </div>
  );
}
