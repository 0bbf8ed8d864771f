import { Lock } from "lucide-react";
import { useId, useState } from "react";

import type { MessageItem, Poll } from "@/core/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { cx } from "@/ui/cx.ts";

import { isStanding, type Asks } from "./asks.ts";
import { useMessageActions } from "./use-message-actions.ts";

export interface PollCardProps {
  message: MessageItem;
  poll: Poll;
  asks: Asks;
}

/** A question with its answers: how many chose each, and one's own choice, which counts once it is sent. */
export function PollCard({ message, poll, asks }: PollCardProps) {
  const t = useT();
  const format = useFormat();
  const name = useId();
  const act = useMessageActions(message);
  const { votes, closed } = message.tally ?? { votes: poll.options.map(() => []), closed: false };
  const mine = votes.flatMap((voters, place) => (voters.includes(asks.myId) ? place : []));
  /** What is chosen here and not sent yet, over what is; forgotten when that is another. */
  const [draft, setDraft] = useState<{ over: string; places: readonly number[] } | null>(null);
  const over = mine.join();
  const chosen = draft?.over === over ? draft.places : mine;
  const choose = (place: number, on: boolean): void => {
    const others = poll.several ? chosen.filter((each) => each !== place) : [];
    setDraft({ over, places: on ? [...others, place].toSorted((one, other) => one - other) : others });
  };
  const open = !closed && isStanding(message) && asks.writes;
  const changed = chosen.join() !== over;
  const people = new Set(votes.flat()).size;
  const hint = closed ? t("polls.closed") : t(poll.several ? "polls.several" : "polls.one");
  return (
    <fieldset className="my-0.5 w-76 max-w-full min-w-0">
      {/* Beside the button of the bubble's menu, which comes with a mouse. */}
      <legend className="pe-5 font-semibold wrap-anywhere whitespace-pre-wrap [unicode-bidi:plaintext] pointer-coarse:pe-0">{poll.question}</legend>
      <p className="mt-0.5 flex items-center gap-1.5 text-sm opacity-80">
        {closed && <Lock aria-hidden="true" className="size-3.5 shrink-0" />}
        {hint}
      </p>
      <div className="mt-1 flex flex-col">
        {poll.options.map((option, place) => {
          const count = votes[place]?.length ?? 0;
          return (
            // The answers of a poll never change places.
            // oxlint-disable-next-line react/no-array-index-key
            <div key={place} className="flex items-start gap-2.5">
              <input
                id={`${name}${place}`}
                type={poll.several ? "checkbox" : "radio"}
                name={name}
                checked={chosen.includes(place)}
                disabled={!open}
                onChange={(event) => choose(place, event.target.checked)}
                className={cx(
                  "mt-1.5 size-5 shrink-0 pointer-coarse:mt-2.5",
                  // Browsers make what cannot be changed so pale that one's own vote would hardly be seen.
                  "disabled:appearance-none disabled:border-2 disabled:border-current/45",
                  poll.several ? "disabled:rounded-nub disabled:checked:bg-current" : "disabled:rounded-full disabled:checked:border-6",
                  "disabled:checked:border-current",
                )}
              />
              <label
                htmlFor={`${name}${place}`}
                className={cx(
                  "grid min-w-0 flex-1 grid-cols-[1fr_auto] content-start items-baseline gap-x-3 gap-y-1 py-1 pointer-coarse:py-2",
                  open && "cursor-pointer",
                )}
              >
                <span className="min-w-0 wrap-anywhere [unicode-bidi:plaintext]">{option}</span>
                <span className="text-sm tabular-nums">
                  <span aria-hidden="true">{format.number(count)}</span>
                  <span className="sr-only">{t("polls.votes", { count })}</span>
                </span>
                <span aria-hidden="true" className="col-span-2 h-1.5 overflow-hidden rounded-full bg-current/15">
                  <span
                    className="block h-full rounded-full bg-current/70 transition-[width]"
                    style={{ width: `${people > 0 ? (100 * count) / people : 0}%` }}
                  />
                </span>
              </label>
            </div>
          );
        })}
      </div>
      <div className="mt-1.5 flex min-h-9 flex-wrap items-center justify-between gap-x-3">
        <span role="status" className="sr-only">
          {people > 0 && format.list(poll.options.map((option, place) => `${option}: ${t("polls.votes", { count: votes[place]?.length ?? 0 })}`))}
        </span>
        {people === 0 ? (
          <span className="text-sm opacity-80">{t("polls.nobody")}</span>
        ) : (
          <button type="button" onClick={() => asks.voters(message)} className="min-h-9 text-sm underline underline-offset-2 pointer-coarse:min-h-11">
            {t("polls.people", { count: people })}
          </button>
        )}
        {open && (changed || mine.length === 0) && (
          <button
            type="button"
            disabled={!changed}
            onClick={() => act.vote([...chosen])}
            className="min-h-9 rounded-full border border-current px-4 text-sm font-semibold transition-colors hover:not-disabled:bg-current/10 disabled:opacity-55 pointer-coarse:min-h-11"
          >
            {t(mine.length === 0 ? "polls.vote" : chosen.length === 0 ? "polls.takeBack" : "polls.change")}
          </button>
        )}
      </div>
    </fieldset>
  );
}
