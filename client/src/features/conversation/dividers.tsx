import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";

/** 2026-03-03 in the person's own time zone; Swedish dates are written like that. */
const localDate = (at: number): string => new Date(at).toLocaleDateString("sv");

/** The day that begins here. */
export function DayDivider({ at }: { at: number }) {
  const format = useFormat();
  return (
    <div className="flex justify-center py-3">
      <time
        dateTime={localDate(at)}
        className="rounded-full bg-surface px-3.5 py-1 text-xs font-semibold text-ink-soft"
      >
        {format.day(at)}
      </time>
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
