import { memo, useEffect, useRef, type Key, type RefObject } from "react";

import type { ChatItem } from "@/core/services.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";

import { ChatRow, type ChatRowProps } from "./chat-row.tsx";
import { useRoving, type Roving } from "./use-roving.ts";

const NOBODY: readonly string[] = [];
/** More rows than these are made only as they come on the screen (`many-rows.tsx`). */
export const FEW = 50;

export interface RowsProps {
  chats: readonly ChatItem[];
  myId: string;
  selectedId: string | null;
  scroller: HTMLElement | null;
  Marks: ChatRowProps["Marks"];
  onOpen: (chatId: string) => void;
  /** Filled with a function that moves the focus to the first row. */
  entrance: RefObject<() => void>;
}

/** Where the rows stand. */
export interface Layout {
  placed: readonly {
    index: number;
    key: Key;
    /** In px from the top of the list; null: below the one before. */
    start: number | null;
  }[];
  /** In px; undefined: as high as the rows are. */
  height?: number;
  /** For each row's element, where heights matter. */
  measure?: (row: HTMLElement | null) => void;
  /** Scrolls until the row is there. */
  bring: (index: number) => void;
}

export interface Keys {
  ids: readonly string[];
  roving: Roving;
  /** To be filled with what the layout brings rows into view by. */
  bring: RefObject<(index: number) => void>;
}

/** The keyboard's way through these rows. */
export function useKeys({ chats, selectedId }: Pick<RowsProps, "chats" | "selectedId">): Keys {
  const bring = useRef<(index: number) => void>(() => {});
  const ids = chats.map((chat) => chat.id);
  return { ids, bring, roving: useRoving(ids, selectedId, (index) => bring.current(index)) };
}

/** The rows as they are, at once; no more than `most`. Drawn again only for news: the list around them draws itself twice. */
export const FewRows = memo(function FewRows({ most, ...props }: Omit<RowsProps, "scroller"> & { most: number }) {
  const keys = useKeys(props);
  const layout: Layout = {
    placed: keys.ids.slice(0, most).map((key, index) => ({ index, key, start: null })),
    bring: (index) => keys.roving.list.current?.querySelector(`li[data-index="${index}"]`)?.scrollIntoView({ block: "nearest" }),
  };
  return <RowList {...props} keys={keys} layout={layout} />;
});

/** The rows of the chats, where `layout` puts them. */
export function RowList({ chats, myId, selectedId, Marks, onOpen, entrance, keys, layout }: Omit<RowsProps, "scroller"> & { keys: Keys; layout: Layout }) {
  const t = useT();
  const { presence } = useServices();
  const people = useLive(presence.people);
  const typing = useLive(presence.typing);
  const { ids, roving, bring } = keys;
  const selected = selectedId === null ? -1 : ids.indexOf(selectedId);

  useEffect(() => {
    bring.current = layout.bring;
    entrance.current = () => roving.enter(0);
  });
  // A chat opened from elsewhere (a key, another page) is brought into view; one that is in view stays where it is.
  useEffect(() => {
    if (selected >= 0) layout.bring(selected);
    // Only when another chat is chosen, not when news change the order.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [selectedId]);

  return (
    <ul ref={roving.list} aria-label={t("chats.list")} className="relative mx-2" style={{ height: layout.height }}>
      {layout.placed.map(({ index, key, start }) => {
        const chat = chats[index];
        if (!chat) return null;
        const partner = chat.type === "direct" && chat.partnerId !== myId ? chat.partnerId : null;
        return (
          <li
            key={key}
            ref={layout.measure}
            data-index={index}
            aria-setsize={chats.length}
            aria-posinset={index + 1}
            className={start === null ? "pb-0.5" : "absolute inset-x-0 top-0 pb-0.5"}
            style={start === null ? undefined : { transform: `translateY(${start}px)` }}
          >
            <ChatRow
              chat={chat}
              myId={myId}
              typing={typing.get(chat.id) ?? NOBODY}
              online={partner !== null && people.get(partner)?.online === true}
              selected={index === selected}
              tabStop={index === roving.stop}
              Marks={Marks}
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
