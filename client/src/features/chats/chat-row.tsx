import type { ComponentType, KeyboardEvent, MouseEvent } from "react";

import { isNamed } from "@/core/queries/order.ts";
import type { ChatItem } from "@/core/services.ts";
import { avatarKind, chatName } from "@/hooks/chat-name.ts";
import { useTrust } from "@/hooks/trust.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Badge } from "@/ui/badge.tsx";
import { cx } from "@/ui/cx.ts";
import { ListRow, rowClass } from "@/ui/list-row.tsx";
import { VerifiedMark } from "@/ui/verified-mark.tsx";

import { Preview } from "./preview.tsx";

export interface ChatRowProps {
  chat: ChatItem;
  myId: string;
  typing: readonly string[];
  /** The other person is here right now. */
  online: boolean;
  selected: boolean;
  /** The one row of the list that the Tab key stops at. */
  tabStop: boolean;
  /** What says that it is mute, and on top; not there yet right after the start. */
  Marks: ComponentType<{ chat: ChatItem }> | undefined;
  onOpen: (chatId: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onFocus: () => void;
}

/** A chat in the list: a link, so that it opens in another tab like any other, too. */
export function ChatRow({ chat, myId, typing, online, selected, tabStop, Marks, onOpen, onKeyDown, onFocus }: ChatRowProps) {
  const t = useT();
  const format = useFormat();
  const name = chatName(chat, myId, t);
  const unread = chat.unread > 0;
  const quiet = chat.mutedUntil !== null && !isNamed(chat);
  const verified = useTrust(chat.partnerId)?.state === "verified";
  const open = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onOpen(chat.id);
  };
  return (
    <a
      href={`/c/${chat.id}`}
      data-chat={chat.id}
      draggable={false}
      aria-current={selected ? "page" : undefined}
      tabIndex={tabStop ? 0 : -1}
      onClick={open}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      className={cx(rowClass, "min-h-17 select-none [-webkit-touch-callout:none]")}
    >
      <ListRow
        lead={
          <Avatar
            id={chat.partnerId ?? chat.id}
            name={name}
            src={chat.picture ?? chat.partner?.avatar ?? null}
            kind={avatarKind(chat, myId)}
            online={online}
          />
        }
        title={
          <>
            <bdi>{name}</bdi>
            {verified && <VerifiedMark label={t("chats.verified")} />}
            {online && <span data-now className="sr-only"> ({t("chats.online")})</span>}
          </>
        }
        aside={<time dateTime={new Date(chat.activeAt).toISOString()} className={cx(unread && !quiet && "font-semibold text-brand")}>{format.short(chat.activeAt)}</time>}
        text={<Preview chat={chat} myId={myId} typing={typing} />}
        end={
          <>
            {Marks && <Marks chat={chat} />}
            {unread && <Badge count={chat.unread} quiet={quiet} label={t("chats.unread", { count: chat.unread })} />}
          </>
        }
      />
    </a>
  );
}
