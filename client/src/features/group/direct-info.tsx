import { MessageCircle } from "lucide-react";

import type { ReactNode } from "react";

import type { ChatDetail } from "@/core/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { ProfileCard } from "@/ui/profile-card.tsx";

import { Gone } from "./gone.tsx";
import { History } from "./history.tsx";
import { PersonWays } from "./person-ways.tsx";
import { SafetyWay } from "./safety-way.tsx";
import { Secrecy } from "./secrecy.tsx";
import { TimerWay } from "./timer.tsx";
import { Tiles } from "./tiles.tsx";
import { useSeen } from "./use-presence.ts";

export interface DirectInfoProps {
  chat: ChatDetail;
  myId: string;
  onLeft: () => void;
  onBack: () => void;
  onCompare: (userId: string) => void;
  onBlock: (userId: string) => void;
  onReport: (userId: string) => void;
  exportWay: ReactNode;
}

/** The other person of a direct chat, or what "Notes to self" is. */
export function DirectInfo({ chat, myId, onLeft, onBack, onCompare, onBlock, onReport, exportWay }: DirectInfoProps) {
  const t = useT();
  const format = useFormat();
  const notes = chat.partnerId === myId;
  const seen = useSeen(notes ? null : chat.partnerId);
  const { partner } = chat;
  const name = notes ? t("group.notes") : (partner?.displayName ?? t("group.someone"));
  const chatting = chat.membership === "member";
  return (
    <div className="flex flex-col gap-6 pt-4">
      {notes ? (
        <ProfileCard id={myId} name={name} kind="self" detail={t("group.notesText")} />
      ) : (
        <ProfileCard
          id={chat.partnerId ?? chat.id}
          name={name}
          avatar={partner?.avatar ?? null}
          online={seen.online}
          detail={partner && `@${partner.username}`}
          status={seen.words}
          bio={partner?.bio ?? ""}
          bioLabel={t("group.about")}
        />
      )}
      {chatting && (
        <div className="flex justify-center">
          <Button look="soft" onClick={onBack}>
            <MessageCircle aria-hidden="true" />
            {t("group.message")}
          </Button>
        </div>
      )}
      <Tiles chat={chat} />
      <Secrecy chat={chat} />
      <TimerWay chat={chat} />
      <History chat={chat} />
      {chat.encryption === "mls" && partner && !notes && <SafetyWay userId={partner.id} onPress={() => onCompare(partner.id)} />}
      {exportWay}
      {partner && !notes && (
        <PersonWays userId={partner.id} name={name} onBlock={() => onBlock(partner.id)} onReport={() => onReport(partner.id)} />
      )}
      {!chatting && <Gone chatId={chat.id} name={name} onLeft={onLeft} />}
      {partner && !notes && (
        <p className="px-6 text-center text-sm text-ink-soft">{t("group.since", { date: format.date(partner.createdAt) })}</p>
      )}
    </div>
  );
}
