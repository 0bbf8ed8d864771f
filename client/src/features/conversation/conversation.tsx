import { DoorOpen, Eye } from "lucide-react";
import { useEffect, useEffectEvent, useState, type ComponentType } from "react";

import type { ChatDetail, MessageItem } from "@/core/services.ts";
import { useLive, useQuery, useServices } from "@/hooks/services.ts";
import { useHolders } from "@/hooks/trust.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { TalkDrawing } from "@/ui/drawings.tsx";
import { EmptyState } from "@/ui/empty-state.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";

import { Announcer } from "./announcer.tsx";
import { Before } from "./before.tsx";
import { Composer } from "./composer.tsx";
import { Header } from "./header.tsx";
import { MessageList } from "./message-list.tsx";
import { overOf } from "./over.ts";
import { Pinned } from "./pinned.tsx";
import { useSelection } from "./selection/use-selection.ts";
import { useAsks } from "./use-asks.tsx";
import { useChatWindow } from "./use-window.ts";

export interface ConversationProps {
  chatId: string;
  /** To the list, on a phone. */
  onBack: () => void;
  onInfo: () => void;
  /** To another chat. */
  onOpen: (chatId: string) => void;
  /** What is shown while somebody's new keys hold what is written. */
  Held: ComponentType<{ userId: string }>;
  /** What finds in the conversation. */
  Find: ComponentType<{ chatId: string; turn: number; onShow: (key: string) => void; onDay: () => void; onClose: () => void }>;
  /** What is asked for from elsewhere; perhaps of another conversation. */
  wished: { chatId: string; show?: string; find?: true } | null;
  onGranted: () => void;
}

/** One chat, from its name to the place to write. */
export function Conversation({ chatId, ...rest }: ConversationProps) {
  const t = useT();
  const services = useServices();
  const chat = useQuery((each) => each.chats.detail(chatId), [chatId]);
  const session = useLive(services.session.status);
  const myId = session.state === "signedIn" ? session.me.id : "";
  useEffect(() => services.chats.open(chatId), [services, chatId]);

  if (chat === undefined) return <SkeletonRows rows={7} label={t("conversation.loading")} />;
  if (chat === null) {
    return (
      <EmptyState
        title={t("conversation.missing")}
        text={t("conversation.missingText")}
        action={<Button onClick={rest.onBack}>{t("conversation.toChats")}</Button>}
      />
    );
  }
  return <Opened key={chatId} chat={chat} myId={myId} {...rest} />;
}

const NONE: readonly MessageItem[] = [];

interface OpenedProps extends Omit<ConversationProps, "chatId"> {
  chat: ChatDetail;
  myId: string;
}

function Opened({ chat, myId, onBack, onInfo, onOpen, Held, Find, wished, onGranted }: OpenedProps) {
  const t = useT();
  // Frozen: reading must not move the line that shows where reading began.
  const [opening] = useState(() => ({ unread: chat.unread, readSeq: chat.readSeq }));
  const piece = useChatWindow(chat.id, opening);
  const [sent, setSent] = useState(0);
  const countSent = (): void => setSent((count) => count + 1);
  const { window } = piece;
  const selection = useSelection(window?.items ?? NONE);
  const { asks, writing, stopWriting, target, askPeople, dialog } = useAsks(chat, myId, piece.goTo, selection.begin);
  const { Bar } = selection;
  const notes = chat.partnerId === myId;
  /** Counts how often the search was asked for; 0: it is not open. */
  const [finding, setFinding] = useState(0);
  const [granted, setGranted] = useState<typeof wished>(null);
  if (wished?.chatId === chat.id && wished !== granted) {
    setGranted(wished);
    if (wished.find) setFinding(finding + 1);
  }
  const grant = useEffectEvent((show: string | undefined) => {
    if (show !== undefined) asks.jump(show);
    onGranted();
  });
  useEffect(() => {
    if (wished?.chatId === chat.id) grant(wished.show);
  }, [chat.id, wished]);
  const [holder] = useHolders(chat, myId);

  return (
    <section className="flex h-full min-w-0 flex-col bg-canvas">
      <Header chat={chat} myId={myId} onBack={onBack} onInfo={onInfo} onFind={() => setFinding(finding + 1)} />
      {finding > 0 && <Find chatId={chat.id} turn={finding} onShow={asks.jump} onDay={() => asks.day(chat.activeAt)} onClose={() => setFinding(0)} />}
      {chat.encryption === "none" && (
        <Banner icon={Eye} tone="note">
          {t("conversation.plainBanner")}
        </Banner>
      )}
      <Pinned chatId={chat.id} asks={asks} />
      {window === undefined && (
        <div className="flex-1">
          <SkeletonRows rows={7} label={t("conversation.loading")} />
        </div>
      )}
      {window?.items.length === 0 && (
        <div className="flex flex-1 items-center">
          <EmptyState
            art={<TalkDrawing />}
            title={notes ? t("conversation.notesName") : t("conversation.empty")}
            text={t(notes ? "conversation.emptyNotes" : "conversation.emptyText")}
          />
        </div>
      )}
      {window && window.items.length > 0 && (
        <MessageList
          chat={chat}
          myId={myId}
          piece={{ ...piece, window }}
          divider={opening.unread > 0 ? opening.readSeq : null}
          sent={sent}
          asks={asks}
          target={target}
          selection={selection}
        />
      )}
      {window && <Announcer chat={chat} newest={window.newerHere ? undefined : window.items.at(-1)} />}
      {holder !== undefined && <Held userId={holder} />}
      {selection.keys && Bar ? (
        <Bar messages={selection.messages} asks={asks} onLeave={selection.leave} />
      ) : chat.membership === "gone" ? (
        <Banner icon={DoorOpen} tone="quiet" role="status">
          {t("conversation.gone")}
        </Banner>
      ) : overOf(chat) ? (
        <Before chat={chat} onOpen={onOpen} />
      ) : (
        <Composer
          chatId={chat.id}
          myId={myId}
          writing={writing}
          onDone={stopWriting}
          onEditLast={() => {
            const last = window?.items.findLast((item) => item.mine && item.kind === "message");
            if (last?.body.t === "text") asks.edit(last);
          }}
          onSent={countSent}
          onPoll={() => askPeople(countSent)}
        />
      )}
      {dialog}
    </section>
  );
}
