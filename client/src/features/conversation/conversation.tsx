import { DoorOpen, Eye } from "lucide-react";
import { useCallback, useEffect, useEffectEvent, useMemo, useState, type ComponentType } from "react";

import { EVERYONE } from "@/core/limits.ts";
import type { ChatDetail, MessageItem } from "@/core/services.ts";
import type { BlockProps, ReportProps } from "@/hooks/blocks.ts";
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
import { BlockedBar } from "./blocked-bar.tsx";
import { Composer } from "./composer.tsx";
import { Header } from "./header.tsx";
import { NamedContext } from "./mention.tsx";
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
  /** Who somebody is whom a message names. */
  Person: ComponentType<{
    chatId: string;
    userId: string;
    onMessage: (chatId: string) => void;
    onBlock: () => void;
    onReport: () => void;
    onClose: () => void;
  }>;
  /** The windows in which somebody is blocked, and reported. */
  Block: ComponentType<BlockProps>;
  Report: ComponentType<ReportProps>;
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

/** Whom a window is about, in which they are blocked or reported. */
interface About {
  do: "block" | "report";
  userId: string;
  messages: readonly MessageItem[];
}

interface OpenedProps extends Omit<ConversationProps, "chatId"> {
  chat: ChatDetail;
  myId: string;
}

function Opened({ chat, myId, onBack, onInfo, onOpen, Held, Find, Person, Block, Report, wished, onGranted }: OpenedProps) {
  const t = useT();
  // Frozen: reading must not move the line that shows where reading began.
  const [opening] = useState(() => ({ unread: chat.unread, readSeq: chat.readSeq }));
  const piece = useChatWindow(chat.id, opening);
  const [sent, setSent] = useState(0);
  const countSent = (): void => setSent((count) => count + 1);
  // Nothing is shown before it is known of whom nothing is to be.
  const blocked = useLive(useServices().blocks.people);
  const window = blocked && piece.window;
  const selection = useSelection(window?.items ?? NONE);
  const [about, setAbout] = useState<About | null>(null);
  const report = useCallback(
    (messages: readonly MessageItem[]) => setAbout({ do: "report", userId: messages[0]?.senderId ?? "", messages }),
    [],
  );
  const { asks, writing, stopWriting, target, askPeople, dialog } = useAsks(chat, myId, { goTo: piece.goTo, select: selection.begin, report });
  const blocks = blocked?.has(chat.partnerId ?? "") ?? false;
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
  const [personId, setPersonId] = useState<string | null>(null);
  const { members } = chat;
  const group = chat.type === "group";
  const named = useMemo(
    () => ({ myId, members: new Set([...members.map(({ userId }) => userId), ...(group ? [EVERYONE] : [])]), open: setPersonId }),
    [members, myId, group],
  );

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
        <NamedContext value={named}>
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
        </NamedContext>
      )}
      {window && <Announcer chat={chat} newest={window.newerHere ? undefined : window.items.at(-1)} asks={asks} />}
      {holder !== undefined && !blocks && <Held userId={holder} />}
      {selection.keys && Bar ? (
        <Bar messages={selection.messages} asks={asks} onLeave={selection.leave} />
      ) : chat.membership === "gone" ? (
        <Banner icon={DoorOpen} tone="quiet" role="status">
          {t("conversation.gone")}
        </Banner>
      ) : blocks ? (
        <BlockedBar chat={chat} />
      ) : overOf(chat) ? (
        <Before chat={chat} onOpen={onOpen} />
      ) : (
        <Composer
          chatId={chat.id}
          myId={myId}
          members={members}
          group={group}
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
      {personId !== null && (
        // Nothing of it takes room here, also while it is fetched.
        <div>
          <Person
            chatId={chat.id}
            userId={personId}
            onMessage={onOpen}
            onBlock={() => setAbout({ do: "block", userId: personId, messages: NONE })}
            onReport={() => setAbout({ do: "report", userId: personId, messages: NONE })}
            onClose={() => setPersonId(null)}
          />
        </div>
      )}
      {about && (
        <div>
          {about.do === "block" && <Block userId={about.userId} onClose={() => setAbout(null)} />}
          {about.do === "report" && (
            <Report userId={about.userId} chatId={chat.id} messages={about.messages} onClose={() => setAbout(null)} />
          )}
        </div>
      )}
    </section>
  );
}
