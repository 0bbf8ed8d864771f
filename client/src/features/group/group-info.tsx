import { Camera, DoorOpen, Pencil } from "lucide-react";
import { useState, type ReactNode } from "react";

import type { ChatDetail } from "@/core/services.ts";
import { chatName } from "@/hooks/chat-name.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { IconButton } from "@/ui/icon-button.tsx";
import { ProfileCard } from "@/ui/profile-card.tsx";
import { WayRow } from "@/ui/way-row.tsx";

import { Gone } from "./gone.tsx";
import { GroupPicture } from "./group-picture.tsx";
import { History } from "./history.tsx";
import { Leave } from "./leave.tsx";
import { Members } from "./members.tsx";
import { Rename } from "./rename.tsx";
import { mayManage } from "./rights.ts";
import { Secrecy } from "./secrecy.tsx";
import { TimerWay } from "./timer.tsx";
import { Tiles } from "./tiles.tsx";

export interface GroupInfoProps {
  chat: ChatDetail;
  myId: string;
  onLeft: () => void;
  onMessage: (chatId: string) => void;
  onCompare: (userId: string) => void;
  onBlock: (userId: string) => void;
  onReport: (userId: string) => void;
  exportWay: ReactNode;
}

/** A group: its name, who is in it, the way out. */
export function GroupInfo({ chat, myId, onLeft, onMessage, onCompare, onBlock, onReport, exportWay }: GroupInfoProps) {
  const t = useT();
  const format = useFormat();
  const [doing, setDoing] = useState<"rename" | "picture" | "leave" | null>(null);
  const done = (): void => setDoing(null);
  const name = chatName(chat, myId, t);
  const belongs = chat.membership === "member";
  return (
    <div className="flex flex-col gap-6 pt-4">
      <ProfileCard
        id={chat.id}
        name={name}
        avatar={chat.picture}
        kind="group"
        detail={belongs && t("group.members", { count: chat.memberCount })}
        status={t("group.created", { date: format.date(chat.createdAt) })}
        edit={
          belongs &&
          mayManage(chat.myRole) && (
            <IconButton icon={Pencil} label={t("group.rename")} onClick={() => setDoing("rename")} />
          )
        }
      />
      {belongs && chat.encryption === "mls" && !chat.readOnly && mayManage(chat.myRole) && (
        <div className="mx-1 sm:mx-3">
          <WayRow icon={Camera} title={t("pictures.group")} text={t(chat.picture === null ? "pictures.choose" : "pictures.change")} onPress={() => setDoing("picture")} />
        </div>
      )}
      <Tiles chat={chat} />
      <Secrecy chat={chat} />
      <TimerWay chat={chat} />
      <History chat={chat} />
      {!belongs && <Gone chatId={chat.id} name={name} onLeft={onLeft} />}
      {/* Of a group that one is not in any more, nobody tells who is. */}
      {belongs && <Members {...{ chat, myId, onMessage, onCompare, onBlock, onReport }} />}
      {exportWay}
      {belongs && (
        <div className="mx-1 border-t border-line pt-3 sm:mx-3">
          <WayRow icon={DoorOpen} title={t("group.leave")} danger onPress={() => setDoing("leave")} />
        </div>
      )}
      <GroupPicture open={doing === "picture"} chat={chat} name={name} onClose={done} />
      <Rename open={doing === "rename"} chat={chat} onClose={done} />
      <Leave open={doing === "leave"} chat={chat} name={name} onLeft={onLeft} onClose={done} />
    </div>
  );
}
