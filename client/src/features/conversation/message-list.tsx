import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef } from "react";

import type { ChatDetail, MessageItem } from "@/core/services.ts";
import { useNames } from "@/hooks/people.ts";
import { useT } from "@/i18n/index.ts";

import { Bubble } from "./bubble.tsx";
import { DayDivider, UnreadDivider } from "./dividers.tsx";
import { SystemLine } from "./system-line.tsx";
import { timeline, type Entry } from "./timeline.ts";
import { useReading } from "./use-reading.ts";
import type { ChatWindow } from "./use-window.ts";

/** Entries above or below the screen at which more is loaded. */
const NEAR = 12;
const HEIGHTS: Record<Entry["kind"], number> = { day: 50, unread: 42, system: 38, message: 52 };

type List = Virtualizer<HTMLDivElement, HTMLDivElement>;

export interface MessageListProps {
  chat: ChatDetail;
  myId: string;
  piece: ChatWindow & { window: NonNullable<ChatWindow["window"]> };
  /** The read cursor when the chat was opened, or null when nothing was unread. */
  divider: number | null;
  /** Counts up when the person sends: the list goes to the end. */
  sent: number;
  onEdit: (message: MessageItem) => void;
}

/** The messages. Held at the end while one is there, held at what is on the screen otherwise (client.md: anchored). */
export function MessageList({ chat, myId, piece, divider, sent, onEdit }: MessageListProps) {
  const t = useT();
  const { window, older, onNearTop, onNearBottom, toEnd } = piece;
  const entries = useMemo(() => timeline(window.items, divider), [window.items, divider]);
  const scroller = useRef<HTMLDivElement>(null);
  // The compiler is not used: nothing memoizes what this returns.
  // oxlint-disable-next-line react/incompatible-library
  const list: List = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => HEIGHTS[entries[index]?.kind ?? "message"],
    getItemKey: (index) => entries[index]?.key ?? index,
    overscan: 8,
    anchorTo: "end",
    followOnAppend: true,
    paddingStart: 12,
    paddingEnd: 12,
  });

  useOpening(list, entries);
  useEffect(() => {
    if (sent === 0) return;
    toEnd();
    list.scrollToEnd();
  }, [list, sent, toEnd]);

  const shown = list.range;
  useEffect(() => {
    if (!shown) return;
    if (shown.startIndex < NEAR) onNearTop();
    if (shown.endIndex > entries.length - NEAR) onNearBottom();
  }, [shown, entries.length, onNearTop, onNearBottom]);

  const newest = window.items.at(-1);
  const atEnd = !window.newerHere && list.isAtEnd(80);
  useReading(chat.id, seqUpTo(entries, shown?.endIndex ?? -1));
  const names = useNames(useMemo(() => window.items.map((item) => item.senderId), [window.items]));
  const group = chat.type === "group";

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        // Scrolling by keyboard needs a focusable scroller (WCAG 2.1.1).
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={t("conversation.messages")}
        className="h-full overflow-y-auto overscroll-contain [contain:strict] [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        {older !== "idle" && (
          <p role="status" className="absolute inset-x-0 top-2 z-10 mx-auto w-fit rounded-full bg-raised px-4 py-1.5 text-xs text-ink-soft shadow-raised">
            {older === "loading" ? t("conversation.older") : t("conversation.olderFailed")}
          </p>
        )}
        <div role="list" className="relative mx-auto w-full max-w-4xl" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map((row) => {
            const entry = entries[row.index];
            if (!entry) return null;
            return (
              <div
                key={row.key}
                ref={list.measureElement}
                data-index={row.index}
                role="listitem"
                aria-setsize={window.olderHere || window.olderThere ? -1 : entries.length}
                aria-posinset={row.index + 1}
                className="absolute inset-x-0 top-0 px-3 min-[900px]:px-6"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                {entry.kind === "day" && <DayDivider at={entry.at} />}
                {entry.kind === "unread" && <UnreadDivider />}
                {entry.kind === "system" && <SystemLine message={entry.message} myId={myId} />}
                {entry.kind === "message" && (
                  <Bubble
                    message={entry.message}
                    first={entry.first}
                    last={entry.last}
                    sender={
                      group && !entry.message.mine
                        ? {
                            id: entry.message.senderId,
                            name: names.get(entry.message.senderId) ?? t("conversation.someone"),
                          }
                        : null
                    }
                    onEdit={onEdit}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <ToEnd
          news={newest && !newest.mine ? chat.unread : 0}
          onClick={() => {
            toEnd();
            list.scrollToEnd({ behavior: "auto" });
          }}
        />
      )}
    </div>
  );
}

/** Once, when the first piece is there: to the line above what is new, or to the end. */
function useOpening(list: List, entries: readonly Entry[]): void {
  const opened = useRef(false);
  useLayoutEffect(() => {
    if (opened.current || entries.length === 0) return;
    const line = entries.findIndex((entry) => entry.kind === "unread");
    if (line >= 0) list.scrollToIndex(line, { align: "start" });
    else list.scrollToEnd();
    opened.current = true;
  }, [entries, list]);
}

/** The newest stored message at or before that entry. */
function seqUpTo(entries: readonly Entry[], index: number): number | null {
  for (let at = Math.min(index, entries.length - 1); at >= 0; at--) {
    const entry = entries[at];
    if (entry && "message" in entry && entry.message.seq !== null) return entry.message.seq;
  }
  return null;
}

function ToEnd({ news, onClick }: { news: number; onClick: () => void }) {
  const t = useT();
  return (
    <button
      type="button"
      onClick={onClick}
      aria-label={news > 0 ? t("conversation.toEndNew", { count: news }) : t("conversation.toEnd")}
      className="absolute end-4 bottom-4 flex h-11 min-w-11 animate-rise items-center justify-center gap-1.5 rounded-full bg-raised px-3 font-semibold text-ink shadow-raised hover:bg-hover"
    >
      {news > 0 && <span className="text-sm text-brand">{news}</span>}
      <ArrowDown aria-hidden="true" className="size-5" />
    </button>
  );
}
