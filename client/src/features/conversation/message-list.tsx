import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";

import type { ChatDetail, MessageItem } from "@/core/services.ts";
import { useNames } from "@/hooks/people.ts";
import { useT } from "@/i18n/index.ts";

import type { Asks } from "./asks.ts";
import { Bubble } from "./bubble.tsx";
import { DayDivider, UnreadDivider } from "./dividers.tsx";
import { Hushed } from "./hushed.tsx";
import { walk } from "./roving.ts";
import type { Selection } from "./selection/use-selection.ts";
import { SystemLine } from "./system-line.tsx";
import { timeline, type Entry } from "./timeline.ts";
import { ToEnd } from "./to-end.tsx";
import { useOpening, type List } from "./use-opening.ts";
import { useReading } from "./use-reading.ts";
import { useSteady } from "./use-steady.ts";
import { useTarget } from "./use-target.ts";
import type { Target } from "./use-asks.tsx";
import type { ChatWindow } from "./use-window.ts";

/** Entries above or below the screen at which more is loaded. */
const NEAR = 12;
const HEIGHTS: Record<Entry["kind"], number> = { day: 50, unread: 42, system: 38, message: 52 };

export interface MessageListProps {
  chat: ChatDetail;
  myId: string;
  piece: ChatWindow & { window: NonNullable<ChatWindow["window"]> };
  /** The read cursor when the chat was opened, or null when nothing was unread. */
  divider: number | null;
  /** Counts up when the person sends: the list goes to the end. */
  sent: number;
  asks: Asks;
  target: Target | null;
  selection: Selection;
}

/** The messages. Held at the end while one is there, held at what is on the screen otherwise (client.md: anchored). */
export function MessageList({ chat, myId, piece, divider, sent, asks, target, selection }: MessageListProps) {
  const t = useT();
  const { window, follows, older, onNearTop, onNearBottom, toEnd } = piece;
  const more = window.olderHere || window.olderThere;
  const entries = useMemo(() => timeline(window.items, divider, more), [window.items, divider, more]);
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
    followOnAppend: follows,
    paddingStart: 12,
    paddingEnd: 12,
  });

  const arrived = useOpening(list, entries, !window.newerHere);
  useSteady(list, scroller);
  const marked = useTarget(list, entries, target, arrived);
  useEffect(() => {
    if (sent === 0) return;
    toEnd();
    list.scrollToEnd();
  }, [list, sent, toEnd]);

  const shown = list.range;
  useEffect(() => {
    if (!shown || !arrived) return;
    if (shown.startIndex < NEAR) onNearTop();
    if (shown.endIndex > entries.length - NEAR) onNearBottom();
  }, [shown, arrived, entries.length, onNearTop, onNearBottom]);

  const atEnd = !window.newerHere && list.isAtEnd(80);
  const last = shown?.endIndex ?? -1;
  useReading(chat.id, arrived ? seqUpTo(entries, last) : null);
  const stop = entries.findLastIndex((entry, index) => entry.kind === "message" && index <= last);
  const names = useNames(useMemo(() => window.items.map((item) => item.senderId), [window.items]));
  const group = chat.type === "group";
  /** What is shown all the same, of those whom one blocks. */
  const [revealed, setRevealed] = useState<ReadonlySet<string>>(() => new Set());
  const isHushed = ({ senderId, key }: MessageItem): boolean => asks.hushes(senderId) && !revealed.has(key) && target?.key !== key;

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        // Scrolling by keyboard needs a focusable scroller (WCAG 2.1.1).
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={t("conversation.messages")}
        className="flex h-full flex-col overflow-y-auto overscroll-contain [contain:strict] [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        {older !== "idle" && (
          <p role="status" className="absolute inset-x-0 top-2 z-10 mx-auto w-fit rounded-full bg-raised px-4 py-1.5 text-xs text-ink-soft shadow-raised">
            {older === "loading" ? t("conversation.older") : t("conversation.olderFailed")}
          </p>
        )}
        <div
          role="list"
          onKeyDownCapture={(event) => walk(event, selection.extend)}
          className="relative mx-auto mt-auto w-full max-w-4xl shrink-0"
          style={{ height: list.getTotalSize() }}
        >
          {list.getVirtualItems().map((row) => {
            const entry = entries[row.index];
            if (!entry) return null;
            return (
              <div
                key={row.key}
                ref={list.measureElement}
                data-index={row.index}
                role="listitem"
                aria-setsize={more || window.newerHere ? -1 : entries.length}
                aria-posinset={row.index + 1}
                className="absolute inset-x-0 top-0 px-3 min-[900px]:px-6"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                {entry.kind === "day" && <DayDivider at={entry.at} onPress={() => asks.day(entry.at)} />}
                {entry.kind === "unread" && <UnreadDivider />}
                {entry.kind === "system" && <SystemLine message={entry.message} myId={myId} />}
                {entry.kind === "message" && isHushed(entry.message) && (
                  <Hushed
                    messageKey={entry.key}
                    stop={row.index === stop}
                    onShow={() => setRevealed(new Set([...revealed, entry.key]))}
                  />
                )}
                {entry.kind === "message" && !isHushed(entry.message) && (
                  <Bubble
                    message={entry.message}
                    // What is between two that are shown may be folded.
                    first={entry.first || asks.hushes(entry.message.senderId)}
                    last={entry.last || asks.hushes(entry.message.senderId)}
                    sender={
                      group && !entry.message.mine
                        ? {
                            id: entry.message.senderId,
                            name: names.get(entry.message.senderId) ?? t("conversation.someone"),
                          }
                        : null
                    }
                    stop={row.index === stop}
                    marked={marked === entry.key}
                    choice={
                      selection.keys && {
                        chosen: selection.keys.has(entry.key),
                        name: entry.message.mine ? t("common.you") : (names.get(entry.message.senderId) ?? t("conversation.someone")),
                        takesFocus: selection.takesFocus,
                        onToggle: selection.toggle,
                      }
                    }
                    asks={asks}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <ToEnd
          unread={chat.unread}
          onClick={() => {
            toEnd();
            list.scrollToEnd({ behavior: "auto" });
          }}
        />
      )}
    </div>
  );
}

/** The newest stored message at or before that entry. */
function seqUpTo(entries: readonly Entry[], index: number): number | null {
  for (let at = Math.min(index, entries.length - 1); at >= 0; at--) {
    const entry = entries[at];
    if (entry && "message" in entry && entry.message.seq !== null) return entry.message.seq;
  }
  return null;
}
