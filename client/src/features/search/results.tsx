import type { ChatItem, Profile, SearchHit } from "@/core/services.ts";
import { avatarKind, chatName } from "@/hooks/chat-name.ts";
import { useNames } from "@/hooks/people.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Button } from "@/ui/button.tsx";
import { SearchDrawing } from "@/ui/drawings.tsx";
import { EmptyState } from "@/ui/empty-state.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";

import { Marked } from "./marked.tsx";
import { Group, Option } from "./option.tsx";

export type Result = { id: string } & (
  | { kind: "chat"; chat: ChatItem }
  | { kind: "person"; person: Profile }
  | { kind: "message"; hit: SearchHit }
);

export interface ResultsProps {
  results: readonly Result[];
  active: string | null;
  listId: string;
  chats: readonly ChatItem[];
  myId: string;
  /** The answer to what is asked now is here. */
  done: boolean;
  failed: boolean;
  onOpen: (result: Result) => void;
  onNew: () => void;
}

/** Chats and people by name, then messages, the newest first. */
export function Results({ results, active, listId, chats, myId, done, failed, onOpen, onNew }: ResultsProps) {
  const t = useT();
  const format = useFormat();
  const senders = results.flatMap((each) => (each.kind === "message" && each.hit.senderId !== myId ? [each.hit.senderId] : []));
  const names = useNames(senders);
  const byId = new Map(chats.map((chat) => [chat.id, chat]));

  if (results.length === 0) {
    if (failed) return null;
    if (!done) return <SkeletonRows rows={4} label={t("search.looking")} />;
    return (
      <EmptyState
        art={<SearchDrawing />}
        title={t("search.nothing")}
        text={t("search.nothingText")}
        action={
          <Button look="soft" onClick={onNew}>
            {t("chats.find")}
          </Button>
        }
      />
    );
  }

  const rowOf = (result: Result) => {
    const row = { id: result.id, active: result.id === active, onOpen: () => onOpen(result) };
    if (result.kind === "chat") {
      const { chat } = result;
      return <Option key={row.id} {...row} lead={<ChatPicture chat={chat} myId={myId} />} title={chatName(chat, myId, t)} />;
    }
    if (result.kind === "person") {
      const { id, displayName, username, avatar } = result.person;
      return <Option key={row.id} {...row} lead={<Avatar id={id} name={displayName} src={avatar} />} title={displayName} text={`@${username}`} />;
    }
    const { hit } = result;
    const chat = byId.get(hit.chatId);
    const sender = hit.senderId === myId ? t("common.you") : chat?.type === "group" ? (names.get(hit.senderId) ?? t("chats.someone")) : null;
    return (
      <Option
        key={row.id}
        {...row}
        lead={chat && <ChatPicture chat={chat} myId={myId} />}
        title={chat ? chatName(chat, myId, t) : t("chats.someone")}
        aside={<time dateTime={new Date(hit.timestamp).toISOString()}>{format.short(hit.timestamp)}</time>}
        text={
          <>
            {sender !== null && <span className="text-ink">{t("chats.said", { name: sender })} </span>}
            <Marked excerpt={hit.excerpt} />
          </>
        }
      />
    );
  };
  const groups = [
    { kind: "chat", title: t("search.chats") },
    { kind: "person", title: t("search.people") },
    { kind: "message", title: t("search.messages") },
  ] as const;
  return (
    <div role="listbox" id={listId} aria-label={t("search.results")}>
      {groups.map(({ kind, title }) => {
        const mine = results.filter((each) => each.kind === kind);
        if (mine.length === 0) return null;
        return (
          <Group key={kind} id={`${listId}-${kind}`} title={title}>
            {mine.map(rowOf)}
          </Group>
        );
      })}
    </div>
  );
}

function ChatPicture({ chat, myId }: { chat: ChatItem; myId: string }) {
  const t = useT();
  return <Avatar id={chat.partnerId ?? chat.id} name={chatName(chat, myId, t)} src={chat.picture ?? chat.partner?.avatar ?? null} kind={avatarKind(chat, myId)} />;
}
