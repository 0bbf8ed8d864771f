import { ArrowDown } from "lucide-react";

import { useT } from "@/i18n/index.ts";

/** To the newest message, with how many wait there. */
export function ToEnd({ unread, onClick }: { unread: number; onClick: () => void }) {
  const t = useT();
  return (
    <button
      type="button"
      onClick={onClick}
      aria-label={unread > 0 ? t("conversation.toEndNew", { count: unread }) : t("conversation.toEnd")}
      className="absolute end-4 bottom-4 flex size-11 animate-rise items-center justify-center rounded-full bg-raised text-ink shadow-raised transition-colors hover:bg-hover"
    >
      <ArrowDown aria-hidden="true" className="size-5" />
      {unread > 0 && (
        <span
          aria-hidden="true"
          className="absolute -top-2 flex h-5 min-w-5 items-center justify-center rounded-full bg-marigold px-1.5 text-xs font-bold text-on-marigold tabular-nums"
        >
          {unread > 99 ? "99+" : unread}
        </span>
      )}
    </button>
  );
}
