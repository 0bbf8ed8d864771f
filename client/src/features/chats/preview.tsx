import type { ChatItem, SendState } from "@/core/services.ts";
import { plain, shortened } from "@/core/talk/marks.ts";
import { saidIn } from "@/core/talk/polls.ts";
import { useNames } from "@/hooks/people.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { MessageState } from "@/ui/message-state.tsx";
import { TypingDots } from "@/ui/typing-dots.tsx";

const STATES: Record<SendState, Key> = {
  queued: "chats.queued",
  sent: "chats.sent",
  delivered: "chats.delivered",
  read: "chats.read",
  failed: "chats.failed",
};

/** What stands for a message without words. */
const OTHER: Partial<Record<string, Key>> = { sealed: "chats.sealed", deleted: "chats.deleted" };

/** Characters of a message that a row can ever show. */
const SHOWN = 160;

/** Several lines become one; a row never lays out a whole letter. */
const oneLine = (words: string): string => shortened(words.replace(/\s+/gu, " ").trim(), SHOWN);

export interface PreviewProps {
  chat: ChatItem;
  myId: string;
  /** Who is typing there now. */
  typing: readonly string[];
}

/** The second line of a chat's row: who is typing, else the draft, else the newest message. */
export function Preview({ chat, myId, typing }: PreviewProps) {
  const t = useT();
  if (typing.length > 0) return <Typing chat={chat} typing={typing} />;
  if (chat.membership === "gone") return <span className="italic">{t("chats.gone")}</span>;
  if (chat.readOnly) return <span className="italic">{t("chats.before")}</span>;
  if (chat.draft) {
    return (
      <>
        <span className="font-semibold text-danger">{t("chats.draft")}</span> <bdi>{oneLine(plain(chat.draft))}</bdi>
      </>
    );
  }
  return <Newest chat={chat} myId={myId} />;
}

function Typing({ chat, typing }: { chat: ChatItem; typing: readonly string[] }) {
  const t = useT();
  const names = useNames(chat.type === "group" ? typing.slice(0, 1) : []);
  const sentence = (): string => {
    if (chat.type === "direct") return t("chats.typing");
    if (typing.length > 1) return t("chats.typingMany");
    return t("chats.typingOne", { name: names.get(typing[0] ?? "") ?? t("chats.someone") });
  };
  return (
    <span data-now className="inline-flex max-w-full items-center gap-2 font-medium text-leaf-ink">
      <span className="truncate">{sentence()}</span>
      <TypingDots />
    </span>
  );
}

function Newest({ chat, myId }: { chat: ChatItem; myId: string }) {
  const t = useT();
  const { preview } = chat;
  if (!preview) return <span>{t(chat.partnerId === myId ? "chats.noNotes" : "chats.noMessages")}</span>;
  if (chat.hushed) return <span className="italic">{t("chats.hushed")}</span>;
  const { body } = preview;
  const said = saidIn(body);
  const text = said === null ? t(OTHER[body.t] ?? "chats.newer") : oneLine(said);
  const mine = preview.senderId === myId;
  const sender = mine ? t("common.you") : chat.previewSender?.displayName;
  return (
    <span className="flex min-w-0 items-center gap-1">
      {chat.previewState && <MessageState state={chat.previewState} label={t(STATES[chat.previewState])} />}
      <span className="truncate">
        {chat.type === "group" && sender && (
          <>
            <span className="font-medium text-ink">{t("chats.said", { name: sender })}</span>{" "}
          </>
        )}
        <bdi>{text}</bdi>
      </span>
    </span>
  );
}
