import { FileDown } from "lucide-react";
import { useEffect, useState, type ComponentType } from "react";

import type { BlockProps, ReportProps } from "@/hooks/blocks.ts";
import { useMe } from "@/hooks/me.ts";
import { useQuery, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { EmptyState } from "@/ui/empty-state.tsx";
import { Pane } from "@/ui/pane.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { WayRow } from "@/ui/way-row.tsx";

import { DirectInfo } from "./direct-info.tsx";
import { GroupInfo } from "./group-info.tsx";

export interface ChatInfoProps {
  chatId: string;
  /** To the conversation. */
  onBack: () => void;
  /** The chat is not here any more. */
  onLeft: () => void;
  /** To the conversation with a member of the group alone. */
  onMessage: (chatId: string) => void;
  /** The window in which safety numbers are compared. */
  Safety: ComponentType<{ userId: string; onClose: () => void }>;
  /** The windows in which somebody is blocked, and reported. */
  Block: ComponentType<BlockProps>;
  Report: ComponentType<ReportProps>;
  /** The window in which a chat is exported. */
  Export: ComponentType<{ chatId: string; onClose: () => void }>;
}

const NO_MESSAGES: ReportProps["messages"] = [];

/** To the window that exports the chat. */
function ExportWay({ onPress }: { onPress: () => void }) {
  const t = useT();
  return (
    <div className="mx-1 border-t border-line pt-3 sm:mx-3">
      <WayRow icon={FileDown} title={t("group.export")} text={t("group.exportText")} onPress={onPress} />
    </div>
  );
}

/** About a chat: who is in it, and what can be done with it. */
export function ChatInfo({ chatId, onBack, onLeft, onMessage, Safety, Block, Report, Export }: ChatInfoProps) {
  const t = useT();
  const services = useServices();
  const me = useMe();
  const chat = useQuery((each) => each.chats.detail(chatId), [chatId]);
  useEffect(() => services.chats.open(chatId), [services, chatId]);
  const [comparing, setComparing] = useState<string | null>(null);
  const [about, setAbout] = useState<{ do: "block" | "report"; userId: string } | null>(null);
  const [exporting, setExporting] = useState(false);
  const shared = {
    myId: me?.id ?? "",
    onLeft,
    onCompare: setComparing,
    onBlock: (userId: string) => setAbout({ do: "block", userId }),
    onReport: (userId: string) => setAbout({ do: "report", userId }),
  };
  const exportWay = <ExportWay onPress={() => setExporting(true)} />;

  return (
    <Pane title={t(chat?.type === "group" ? "group.groupTitle" : "group.title")} backLabel={t("group.back")} onBack={onBack}>
      {chat === undefined && <SkeletonRows rows={5} label={t("group.loading")} />}
      {chat === null && (
        <EmptyState
          title={t("group.missing")}
          text={t("group.missingText")}
          action={<Button onClick={onLeft}>{t("group.toChats")}</Button>}
        />
      )}
      {chat?.type === "direct" && <DirectInfo {...shared} chat={chat} onBack={onBack} exportWay={exportWay} />}
      {chat?.type === "group" && <GroupInfo {...shared} chat={chat} onMessage={onMessage} exportWay={exportWay} />}
      {about?.do === "block" && <Block userId={about.userId} onClose={() => setAbout(null)} />}
      {about?.do === "report" && <Report userId={about.userId} chatId={chatId} messages={NO_MESSAGES} onClose={() => setAbout(null)} />}
      {exporting && <Export chatId={chatId} onClose={() => setExporting(false)} />}
      {comparing !== null && <Safety userId={comparing} onClose={() => setComparing(null)} />}
    </Pane>
  );
}
