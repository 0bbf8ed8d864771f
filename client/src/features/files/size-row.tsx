import { Ellipsis, Eraser, FileDown, MessageCircle } from "lucide-react";

import type { ChatSize } from "@/core/local/model.ts";
import type { ChatItem } from "@/core/services.ts";
import { avatarKind } from "@/hooks/chat-name.ts";
import { bytes } from "@/i18n/bytes.ts";
import { useLanguage, useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { IconButton } from "@/ui/icon-button.tsx";
import { Menu } from "@/ui/menu.tsx";

export interface SizeRowProps {
  chat: ChatItem;
  size: ChatSize;
  /** Of the room that the largest chat takes. */
  share: number;
  name: string;
  myId: string;
  onOpen?: () => void;
  onExport: () => void;
  onClear: () => void;
}

/** A chat with what it takes here. */
export function SizeRow({ chat, size, share, name, myId, onOpen, onExport, onClear }: SizeRowProps) {
  const t = useT();
  const language = useLanguage();
  const facts = [
    t("files.messages", { count: size.messages }),
    ...(size.unsent > 0 ? [t("files.unsent", { count: size.unsent })] : []),
    ...(size.draft ? [t("files.draft")] : []),
  ];
  return (
    <li className="flex items-center gap-3.5 rounded-md px-3 py-2.5">
      <Avatar id={chat.partnerId ?? chat.id} name={name} src={chat.picture ?? chat.partner?.avatar ?? null} kind={avatarKind(chat, myId)} size="md" />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <span dir="auto" className="min-w-0 flex-1 truncate font-semibold">
            {name}
          </span>
          <span className="shrink-0 text-sm font-semibold tabular-nums">{bytes(size.bytes, language)}</span>
        </p>
        <div aria-hidden="true" className="my-1.5 h-1 overflow-hidden rounded-full bg-pressed">
          <div className="h-full origin-left rounded-full bg-brand rtl:origin-right" style={{ transform: `scaleX(${Math.max(0.01, share)})` }} />
        </div>
        <p className="truncate text-sm text-ink-soft">{facts.join(" · ")}</p>
      </div>
      <Menu
        trigger={<IconButton icon={Ellipsis} label={t("files.menu", { name })} tooltip={false} />}
        items={[
          ...(onOpen ? [{ label: t("files.open"), icon: MessageCircle, onSelect: onOpen }] : []),
          { label: t("files.export"), icon: FileDown, opensWindow: true, onSelect: onExport },
          { label: t("files.clear"), icon: Eraser, danger: true, opensWindow: true, onSelect: onClear },
        ]}
      />
    </li>
  );
}
