// What the list can do beside showing chats; fetched when the list is up.

import { Archive, ArchiveRestore, ArrowDown, ArrowLeft, ArrowUp, AtSign, Ban, Bell, BellOff, Pin, PinOff } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";

import { isNamed } from "@/core/queries/order.ts";
import type { ChatItem, Wish } from "@/core/services.ts";
import { useBlocked } from "@/hooks/blocks.ts";
import { chatName } from "@/hooks/chat-name.ts";
import { MUTES } from "@/hooks/mutes.ts";
import { useWish } from "@/hooks/wishes.ts";
import { useT, type Translate } from "@/i18n/index.ts";
import { ListRow, rowClass } from "@/ui/list-row.tsx";
import { Menu, type MenuItem } from "@/ui/menu.tsx";

import { listenForHolds } from "./holds.ts";

/** What can be done with a chat from the list. `top`: the ids of the chats on top, in order. */
function itemsOf(chat: ChatItem, top: readonly string[], wish: (wish: Wish) => void, t: Translate): MenuItem[] {
  const at = top.indexOf(chat.id);
  const archive: MenuItem = chat.archived
    ? { label: t("wishes.unarchive"), icon: ArchiveRestore, onSelect: () => wish({ do: "archive", on: false }) }
    : { label: t("wishes.archive"), icon: Archive, onSelect: () => wish({ do: "archive", on: true }) };
  const pin: MenuItem =
    at < 0
      ? { label: t("wishes.pin"), icon: Pin, onSelect: () => wish({ do: "pin", on: true }) }
      : { label: t("wishes.unpin"), icon: PinOff, onSelect: () => wish({ do: "pin", on: false }) };
  const up: MenuItem = { label: t("wishes.up"), icon: ArrowUp, onSelect: () => wish({ do: "move", by: -1 }) };
  const down: MenuItem = { label: t("wishes.down"), icon: ArrowDown, onSelect: () => wish({ do: "move", by: 1 }) };
  const mute = MUTES.map(
    ({ label, until }): MenuItem => ({ label: t(label), icon: BellOff, onSelect: () => wish({ do: "mute", until: until() }) }),
  );
  const loud: MenuItem = { label: t("wishes.unmute"), icon: Bell, onSelect: () => wish({ do: "mute", until: null }) };
  return [
    pin,
    ...(at > 0 ? [up] : []),
    ...(at >= 0 && at < top.length - 1 ? [down] : []),
    ...(chat.mutedUntil === null ? mute : [loud]),
    archive,
  ];
}

const mark = "size-4 shrink-0 text-ink-soft";

/** On the row of a chat: that it is mute, that it is on top, and, also where it is mute, that somebody names one in it. */
export function Marks({ chat }: { chat: ChatItem }) {
  const t = useT();
  const blocked = useBlocked().has(chat.partnerId ?? "");
  return (
    <>
      {blocked && <Ban role="img" aria-label={t("wishes.blocked")} className={mark} />}
      {chat.mutedUntil !== null && <BellOff role="img" aria-label={t("wishes.muted")} className={mark} />}
      {chat.pinned !== null && <Pin role="img" aria-label={t("wishes.pinned")} className={mark} />}
      {isNamed(chat) && <AtSign role="img" aria-label={t("wishes.mentioned")} className="size-4.5 shrink-0 stroke-[2.5] text-brand" />}
    </>
  );
}

interface Place {
  chatId: string;
  x: number;
  y: number;
}

export interface RowMenusProps {
  /** The element whose rows (`[data-chat]`) have the menu. */
  list: HTMLElement;
  /** Every chat, in order. */
  chats: readonly ChatItem[];
  myId: string;
}

/** The menu of a chat in the list: by the right button, a long press, or the menu key. */
export function RowMenus({ list, chats, myId }: RowMenusProps) {
  const t = useT();
  const wish = useWish();
  const [open, setOpen] = useState(false);
  // Kept when the menu closes: the focus goes back to the chat, wherever it stands by then.
  const [place, setPlace] = useState<Place | null>(null);
  const show = useEffectEvent((chatId: string, x: number, y: number): void => {
    if (chats.find((each) => each.id === chatId)?.membership !== "member") return;
    setPlace({ chatId, x, y });
    setOpen(true);
  });
  useEffect(() => listenForHolds(list, (chatId, x, y) => show(chatId, x, y)), [list]);

  const chat = chats.find((each) => each.id === place?.chatId);
  if (!place || !chat) return null;
  const top = chats.filter((each) => each.pinned !== null && !each.archived).map((each) => each.id);
  const refocus = (): void => {
    const row = list.querySelector<HTMLElement>(`[data-chat="${chat.id}"]`);
    (row ?? list.querySelector<HTMLElement>("a, button"))?.focus();
  };
  return (
    <Menu
      align="start"
      open={open}
      onOpenChange={setOpen}
      items={itemsOf(chat, top, (wanted) => wish(chat.id, wanted), t)}
      trigger={
        <button
          type="button"
          tabIndex={-1}
          aria-label={t("wishes.menu", { name: chatName(chat, myId, t) })}
          onFocus={refocus}
          className="pointer-events-none fixed size-0"
          style={{ left: place.x, top: place.y }}
        />
      }
    />
  );
}

/** At the end of the list: to the chats that are out of the way. */
export function ArchivedWay({ count, onPress }: { count: number; onPress: () => void }) {
  const t = useT();
  return (
    <div className="mx-2 pb-0.5">
      <button type="button" onClick={onPress} className={rowClass}>
        <ListRow
          lead={
            <span aria-hidden="true" className="flex w-12 shrink-0 justify-center text-ink-soft">
              <Archive className="size-5" />
            </span>
          }
          title={<span className="text-ink-soft">{t("wishes.archived", { count })}</span>}
        />
      </button>
    </div>
  );
}

/** Above the chats that are out of the way: what they are, and the way back. */
export function ArchiveHead({ onBack }: { onBack: () => void }) {
  const t = useT();
  const back = useRef<HTMLButtonElement>(null);
  // What was pressed is gone: whoever came here by keyboard goes on here.
  useEffect(() => back.current?.focus(), []);
  return (
    <div className="flex shrink-0 flex-col gap-1 px-3 pb-2">
      <button
        ref={back}
        type="button"
        onClick={onBack}
        className="flex h-11 items-center gap-3 rounded-md px-3 font-semibold text-brand hover:bg-hover"
      >
        <ArrowLeft aria-hidden="true" className="size-5 rtl:-scale-x-100" />
        {t("wishes.back")}
      </button>
      <p className="px-3 text-sm text-pretty text-ink-soft">{t("wishes.archivedText")}</p>
    </div>
  );
}
