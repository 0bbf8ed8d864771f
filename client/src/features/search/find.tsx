import { CalendarDays, ChevronDown, ChevronUp, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { askedBy, useSearch } from "@/hooks/search.ts";
import { useT } from "@/i18n/index.ts";
import { IconButton } from "@/ui/icon-button.tsx";
import { SearchField } from "@/ui/search-field.tsx";

export interface FindProps {
  chatId: string;
  /** Counts up: the field is to have the focus. */
  turn: number;
  /** Shows the message with that key. */
  onShow: (key: string) => void;
  /** Asks for a day to go to. */
  onDay: () => void;
  onClose: () => void;
}

/** So many are stepped through; who wants more types more. */
const LIMIT = 200;

/** Finds in one conversation: the newest first, older and newer ones step by step. */
export function Find({ chatId, turn, onShow, onDay, onClose }: FindProps) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const query = text.trim() === "" ? null : { text: text.trim(), chatId };
  const { found, failed, retry } = useSearch(query, LIMIT);
  const hits = query && found?.asked === askedBy(query) ? found.hits : null;
  const [shown, setShown] = useState<string | null>(null);
  const at = hits?.findIndex((hit) => hit.key === shown) ?? -1;
  const [newest] = hits ?? [];
  if (newest && shown === null) setShown(newest.key);

  useEffect(() => {
    const field = box.current?.querySelector("input");
    field?.focus();
    field?.select();
    // Asked for again, the field has the focus again.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [turn]);
  useEffect(() => {
    if (shown !== null) onShow(shown);
  }, [onShow, shown]);
  const show = (index: number): void => setShown(hits?.[index]?.key ?? shown);

  const status = (): string => {
    if (failed) return t("search.failed");
    if (!hits) return "";
    if (hits.length === 0) return t("search.nothing");
    const total = hits.length;
    return t(found?.more ? "search.placeMore" : "search.place", { place: at + 1, total });
  };
  return (
    // The keys belong to everything in the bar.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={box}
      className="flex items-center gap-1 border-b border-line bg-surface px-2 py-2 min-[900px]:px-4"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div className="min-w-0 flex-1">
        <SearchField
          label={t("search.inChat")}
          clearLabel={t("chats.clear")}
          value={text}
          onChange={(next) => {
            setShown(null);
            setText(next);
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            const by = event.key === "ArrowUp" || (event.key === "Enter" && !event.shiftKey) ? 1 : event.key === "ArrowDown" || event.key === "Enter" ? -1 : 0;
            if (by === 0) return;
            event.preventDefault();
            if (failed) retry();
            else show(at + by);
          }}
        />
      </div>
      <span role="status" className="max-w-32 shrink-0 px-1.5 text-sm text-ink-soft tabular-nums empty:px-0">
        {status()}
      </span>
      {query === null ? (
        <IconButton icon={CalendarDays} label={t("search.toDay")} onClick={onDay} />
      ) : (
        <>
          <IconButton icon={ChevronUp} label={t("search.older")} disabled={!hits || at + 1 >= hits.length} onClick={() => show(at + 1)} />
          <IconButton icon={ChevronDown} label={t("search.newer")} disabled={at <= 0} onClick={() => show(at - 1)} />
        </>
      )}
      <IconButton icon={X} label={t("common.close")} onClick={onClose} />
    </div>
  );
}
