import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useEffect, useRef, type RefObject } from "react";

import type { ChatItem } from "@/core/services.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";

import { ChatRow } from "./chat-row.tsx";
import { useRoving } from "./use-roving.ts";

const NOBODY: readonly string[] = [];
/** Height of a row at the usual text size, in px; real rows are measured. */
const ROW = 70;

export interface RowsProps {
  chats: readonly ChatItem[];
  myId: string;
  selectedId: string | null;
  scroller: HTMLElement | null;
  onOpen: (chatId: string) => void;
  /** Filled with a function that moves the focus to the first row. */
  entrance: RefObject<() => void>;
}

/** The rows of the chats; only those on the screen, and the one that the Tab key stops at, exist. */
export function Rows({ chats, myId, selectedId, scroller, onOpen, entrance }: RowsProps) {
  const t = useT();
  const { presence } = useServices();
  const people = useLive(presence.people);
  const typing = useLive(presence.typing);
  const bring = useRef<(index: number) => void>(() => {});
  const ids = chats.map((chat) => chat.id);
  const roving = useRoving(ids, selectedId, (index) => bring.current(index));
  const virtual = useVirtualizer({
    count: chats.length,
    getScrollElement: () => scroller,
    getItemKey: (index) => ids[index] ?? index,
    estimateSize: () => ROW,
    overscan: 8,
    rangeExtractor: (range: Range) => [...new Set([...defaultRangeExtractor(range), roving.stop])].toSorted((a, b) => a - b),
  });
  const selected = selectedId === null ? -1 : ids.indexOf(selectedId);

  useEffect(() => {
    bring.current = (index) => virtual.scrollToIndex(index);
    entrance.current = () => roving.enter(0);
  });
  // A chat opened from elsewhere (a key, another page) is brought into view; one that is in view stays where it is.
  useEffect(() => {
    if (selected >= 0) virtual.scrollToIndex(selected);
    // Only when another chat is chosen, not when news change the order.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [selectedId]);

  return (
    <ul ref={roving.list} aria-label={t("chats.list")} className="relative mx-2" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ index, key, start }) => {
        const chat = chats[index];
        if (!chat) return null;
        const partner = chat.type === "direct" && chat.partnerId !== myId ? chat.partnerId : null;
        return (
          <li
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            aria-setsize={chats.length}
            aria-posinset={index + 1}
            className="absolute inset-x-0 top-0 pb-0.5"
            style={{ transform: `translateY(${start}px)` }}
          >
            <ChatRow
              chat={chat}
              myId={myId}
              typing={typing.get(chat.id) ?? NOBODY}
              online={partner !== null && people.get(partner)?.online === true}
              selected={index === selected}
              tabStop={index === roving.stop}
              onOpen={onOpen}
              onFocus={() => roving.onFocus(chat.id)}
              onKeyDown={(event) => roving.onKeyDown(event, index)}
            />
          </li>
        );
      })}
    </ul>
  );
}
