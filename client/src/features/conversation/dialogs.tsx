import type { ChatDetail, MessageItem } from "@/core/services.ts";

import type { Asks } from "./asks.ts";
import { DayDialog } from "./day-dialog.tsx";
import { EmojiDialog } from "./emoji.tsx";
import { ForwardDialog } from "./forward.tsx";
import { EndPoll } from "./poll-end.tsx";
import { NewPoll } from "./poll-new.tsx";
import { Voters } from "./poll-voters.tsx";
import { RemoveDialog } from "./remove.tsx";

export type Asked =
  | { what: "forward" | "react" | "remove" | "voters" | "end"; message: MessageItem }
  | { what: "day"; at: number }
  | { what: "poll"; onSent: () => void };

export interface DialogsProps {
  asked: Asked;
  chat: ChatDetail;
  asks: Asks;
  onClose: () => void;
}

/** The window that was asked for. */
export function Dialogs({ asked, chat, asks, onClose }: DialogsProps) {
  if (asked.what === "day")
    return <DayDialog chatId={chat.id} at={asked.at} first={chat.createdAt} last={chat.activeAt} onJump={asks.jump} onClose={onClose} />;
  if (asked.what === "poll") return <NewPoll chatId={chat.id} onSent={asked.onSent} onClose={onClose} />;
  const { what, message } = asked;
  if (what === "voters") return <Voters message={message} myId={asks.myId} onClose={onClose} />;
  if (what === "end") return <EndPoll message={message} onClose={onClose} />;
  if (what === "forward") return <ForwardDialog messages={[message]} myId={asks.myId} onClose={onClose} onDone={onClose} />;
  if (what === "react") return <EmojiDialog message={message} myId={asks.myId} onClose={onClose} />;
  return <RemoveDialog messages={[message]} onClose={onClose} onDone={onClose} />;
}
