import { ArrowLeft, Info, Lock, Search } from "lucide-react";

import type { ChatDetail } from "@/core/services.ts";
import { chatName } from "@/hooks/chat-name.ts";
import { useNames } from "@/hooks/people.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useTrust } from "@/hooks/trust.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { cx } from "@/ui/cx.ts";
import { IconButton } from "@/ui/icon-button.tsx";
import { TypingDots } from "@/ui/typing-dots.tsx";
import { VerifiedMark } from "@/ui/verified-mark.tsx";

const NOBODY: readonly string[] = [];

export interface HeaderProps {
  chat: ChatDetail;
  myId: string;
  onBack: () => void;
  onInfo: () => void;
  onFind: () => void;
}

/** Who this is with, and what they are doing right now. */
export function Header({ chat, myId, onBack, onInfo, onFind }: HeaderProps) {
  const t = useT();
  const services = useServices();
  const presence = useLive(services.presence.people);
  const notes = chat.partnerId === myId;
  const name = useChatName(chat, myId);
  const online = chat.partnerId !== null && !notes && presence.get(chat.partnerId)?.online === true;
  const verified = useTrust(chat.partnerId)?.state === "verified";
  const kind = notes ? "self" : chat.type === "group" ? "group" : "person";
  return (
    <header className="pad-safe-top z-10 border-b border-line bg-surface">
      <div className="flex h-16 items-center gap-1 px-2 min-[900px]:px-4">
        <span className="min-[900px]:hidden">
          <IconButton icon={ArrowLeft} label={t("conversation.back")} onClick={onBack} />
        </span>
        <button
          type="button"
          onClick={onInfo}
          className="flex min-w-0 flex-1 items-center gap-3 rounded-md px-1.5 py-1 text-start hover:bg-hover"
        >
          <Avatar id={chat.partnerId ?? chat.id} name={name} src={chat.picture ?? chat.partner?.avatar ?? null} kind={kind} size="sm" online={online} />
          <span className="flex min-w-0 flex-col">
            <span className="flex min-w-0 items-center gap-1.5">
              <h1 className="truncate text-base leading-tight font-semibold">{name}</h1>
              {verified && <VerifiedMark label={t("trust.verified")} />}
              {chat.encryption === "mls" && (
                <Lock role="img" aria-label={t("conversation.locked")} className="size-3.5 shrink-0 text-leaf-ink" />
              )}
            </span>
            <Doing chat={chat} myId={myId} />
          </span>
        </button>
        <IconButton icon={Search} label={t("conversation.find")} onClick={onFind} />
        <IconButton icon={Info} label={t("conversation.info")} onClick={onInfo} />
      </div>
    </header>
  );
}

/** The group's name, the other person's, or "Notes to self". */
export function useChatName(chat: ChatDetail, myId: string): string {
  return chatName(chat, myId, useT());
}

function Doing({ chat, myId }: { chat: ChatDetail; myId: string }) {
  const t = useT();
  const format = useFormat();
  const services = useServices();
  const typing = useLive(services.presence.typing).get(chat.id) ?? NOBODY;
  const people = useLive(services.presence.people);
  const names = useNames(typing.slice(0, 2));
  const called = (id: string | undefined): string => (id && names.get(id)) || t("conversation.someone");

  const sentence = (): string => {
    if (typing.length > 0 && chat.type === "direct") return t("conversation.typing");
    if (typing.length === 1) return t("conversation.typingOne", { name: called(typing[0]) });
    if (typing.length === 2) return t("conversation.typingTwo", { one: called(typing[0]), other: called(typing[1]) });
    if (typing.length > 2) return t("conversation.typingMany");
    if (chat.partnerId === myId) return t("conversation.notes");
    if (chat.type === "group") return t("conversation.members", { count: chat.memberCount });
    const presence = chat.partnerId ? people.get(chat.partnerId) : undefined;
    if (presence?.online) return t("conversation.online");
    return presence?.lastSeen ? t("conversation.lastSeen", { when: format.ago(presence.lastSeen) }) : "";
  };
  const text = sentence();
  if (!text) return null;
  return (
    <span
      className={cx("flex items-center gap-1.5 text-xs", typing.length > 0 ? "font-medium text-leaf-ink" : "text-ink-soft")}
    >
      {typing.length > 0 && <TypingDots />}
      <span className="truncate">{text}</span>
    </span>
  );
}
