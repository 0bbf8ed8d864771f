import { Ban, Forward, LockKeyhole, Pin, Timer } from "lucide-react";
import { memo, useState } from "react";

import type { MessageItem, SealedCause } from "@/core/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { Avatar, clothInk } from "@/ui/avatar.tsx";
import { clothOf } from "@/ui/avatar-model.ts";
import { cx } from "@/ui/cx.ts";
import { MessageState } from "@/ui/message-state.tsx";

import { Actions } from "./actions.tsx";
import { isStanding, type Asks } from "./asks.ts";
import { Failed } from "./failed.tsx";
import { PollCard } from "./poll-card.tsx";
import { Quote } from "./quote.tsx";
import { Reactions } from "./reactions.tsx";
import { isLargeEmoji } from "./rich-text.ts";
import { ChoiceBox, type Choice } from "./selection/choice.tsx";
import { Text } from "./text.tsx";
import { useHold } from "./use-hold.ts";
import { useSwipe } from "./use-swipe.ts";

const STATES: Record<NonNullable<MessageItem["state"]>, Key> = {
  queued: "conversation.queued",
  sent: "conversation.sent",
  delivered: "conversation.delivered",
  read: "conversation.read",
  failed: "conversation.failed",
};

/** Why it cannot be opened, for somebody who only wants to read it. */
const SEALED: Record<SealedCause, Key> = {
  not_joined: "conversation.sealedEarlier",
  epoch_ahead: "conversation.sealedApart",
  epoch_gone: "conversation.sealedApart",
  already_used: "conversation.sealedApart",
  moved: "conversation.sealedChanged",
  changed: "conversation.sealedChanged",
  unreadable: "conversation.sealedDamaged",
  own_lost: "conversation.sealedOwn",
  not_linked: "conversation.sealedElsewhere",
};

export interface BubbleProps {
  message: MessageItem;
  /** Whether a run of bubbles by one person begins and ends here. */
  first: boolean;
  last: boolean;
  /** In groups: who says it, with a face at the end of the run. */
  sender: { id: string; name: string } | null;
  /** The Tab key stops here. */
  stop: boolean;
  /** It was just gone to. */
  marked: boolean;
  /** How it is chosen while several are; null: nothing is being chosen. */
  choice: Choice | null;
  asks: Asks;
}

/**
 * One message: one's own at the end on marigold paper, others' at the start. A few emoji stand without paper.
 *
 * Drawn again only for news of its own: the list draws itself with every few pixels that it is scrolled by.
 */
export const Bubble = memo(
  DrawnBubble,
  ({ message: old, sender: by, ...before }, { message, sender, ...now }) =>
    (Object.keys(before) as (keyof typeof before)[]).every((key) => Object.is(before[key], now[key])) &&
    // Whatever is written to the chat makes all of its messages anew.
    (old === message || JSON.stringify(old) === JSON.stringify(message)) &&
    by?.id === sender?.id &&
    by?.name === sender?.name,
);

function DrawnBubble({ message, first, last, sender, stop, marked, choice, asks }: BubbleProps) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const hold = useHold(() => setOpen(true));
  const { mine, state, body } = message;
  const bare = body.t === "text" && isLargeEmoji(body.text) && !message.replyTo && !message.forwarded;
  const standing = isStanding(message);
  const chosen = choice && standing ? choice : null;
  const swipe = useSwipe(standing && asks.writes && !choice ? () => asks.reply(message) : null);
  return (
    <div className="relative">
      {chosen && <ChoiceBox message={message} first={first} choice={chosen} stop={stop} />}
      <div
        inert={chosen !== null}
        onPointerDown={swipe.onPointerDown}
        onPointerMove={swipe.onPointerMove}
        onPointerUp={swipe.onPointerUp}
        onPointerCancel={swipe.onPointerCancel}
        className={cx(
          "relative flex touch-pan-y items-end gap-2 transition-transform",
          mine ? "flex-row-reverse ps-10" : "pe-10",
          first ? "pt-2.5" : "pt-0.5",
          // The room for the box is there already: nothing is as wide as the row.
          chosen && "pointer-events-none",
          choice && !mine && "translate-x-9 rtl:-translate-x-9",
        )}
      >
        {sender && <span className="w-7 shrink-0">{last && <Avatar id={sender.id} name={sender.name} size="xs" />}</span>}
        <div className={cx("flex max-w-[min(100%,38rem)] min-w-0 flex-col", mine ? "items-end" : "items-start")}>
          <div
            data-bubble
            data-mine={mine}
            className={cx(
              "group/bubble relative max-w-full rounded-bubble pointer-coarse:select-none pointer-coarse:[-webkit-touch-callout:none]",
              bare ? "px-1 pb-1" : "px-3.5 py-2 shadow-bubble",
              mine ? "text-on-own" : "text-on-other",
              !bare && (mine ? "rounded-ee-nub bg-own" : "rounded-es-nub bg-other"),
              !first && (mine ? "rounded-se-nub" : "rounded-ss-nub"),
              "outline-2 outline-offset-2 transition-[outline-color] duration-500",
              marked ? "outline-brand" : "outline-transparent",
            )}
            {...hold}
          >
            {sender && first && (
              <span className={cx("mb-0.5 block truncate text-sm font-semibold", clothInk[clothOf(sender.id)])}>{sender.name}</span>
            )}
            {message.forwarded && (
              <span className={cx("mb-0.5 flex items-center gap-1 text-xs italic", mine ? "text-on-own-soft" : "text-on-other-soft")}>
                <Forward aria-hidden="true" className="size-3.5" />
                {t("conversation.forwarded")}
              </span>
            )}
            {message.replyTo && <Quote quote={message.replyTo} asks={asks} />}
            {body.t === "poll" ? <PollCard message={message} poll={body} asks={asks} /> : <Words body={body} large={bare} />}
            <Stamp message={message} bare={bare} />
            {!choice && <Actions message={message} asks={asks} open={open} onOpenChange={setOpen} stop={stop} />}
          </div>
          {message.reactions.length > 0 && <Reactions message={message} asks={asks} />}
          {state === "failed" && message.failure && <Failed message={message} failure={message.failure} asks={asks} />}
        </div>
      </div>
    </div>
  );
}

function Words({ body, large }: { body: MessageItem["body"]; large: boolean }) {
  const t = useT();
  if (body.t === "text") return <Text text={body.text} mentions={body.mentions} large={large} />;
  // What was said about another message stands here only when it could not be sent.
  if (body.t === "edit") return <Text text={body.text} mentions={body.mentions} large={false} />;
  if (body.t === "reaction") return <Text text={body.emoji} large />;
  if (body.t === "pin") return <em>{t(body.on ? "conversation.pin" : "conversation.unpin")}</em>;
  if (body.t === "vote") return <em>{t("polls.vote")}</em>;
  if (body.t === "close") return <em>{t("polls.end")}</em>;
  if (body.t === "delete") return <em>{t("conversation.delete")}</em>;
  if (body.t === "deleted") {
    return (
      <em className="inline-flex items-center gap-1.5 opacity-80">
        <Ban aria-hidden="true" className="size-4 shrink-0" />
        {t("conversation.deleted")}
      </em>
    );
  }
  if (body.t !== "sealed") return <em>{t("conversation.newer")}</em>;
  return (
    <em className="flex items-start gap-1.5">
      <LockKeyhole aria-hidden="true" className="mt-1 size-3.5 shrink-0" />
      <span>{t(SEALED[body.cause])}</span>
    </em>
  );
}

/** When, and how far it has come; at the end of the last line where there is room. */
function Stamp({ message, bare }: { message: MessageItem; bare: boolean }) {
  const t = useT();
  const format = useFormat();
  const { mine, state, timestamp, body } = message;
  const lasts = "lasts" in body && body.lasts;
  return (
    <span
      className={cx(
        "float-end inline-flex items-center gap-1 text-2xs tabular-nums",
        bare ? "rounded-full px-2" : "ms-3 mt-1.5 -mb-0.5 translate-y-0.5",
        bare && (mine ? "bg-own" : "bg-other"),
        mine ? "text-on-own-soft" : "text-on-other-soft",
      )}
    >
      {message.pinned && <Pin role="img" aria-label={t("conversation.pinned")} className="size-3" />}
      {lasts && <Timer role="img" aria-label={t("conversation.lasts", { time: format.duration(lasts) })} className="size-3" />}
      {message.edited && <span>{t("conversation.edited")}</span>}
      <time dateTime={new Date(timestamp).toISOString()}>{format.time(timestamp)}</time>
      {state && <MessageState state={state} label={t(STATES[state])} />}
    </span>
  );
}
