import { ChevronDown, Link2 } from "lucide-react";
import { useId } from "react";

import type { ChatItem, Profile } from "@/core/services.ts";
import { chatName } from "@/hooks/chat-name.ts";
import { useT } from "@/i18n/index.ts";
import { cx } from "@/ui/cx.ts";

import { TIMES, type Chips, type Time } from "./wanted.ts";

export interface FiltersProps {
  chips: Chips;
  onChange: (chips: Chips) => void;
  chats: readonly ChatItem[];
  people: readonly Profile[];
  myId: string;
}

const chip = "relative inline-flex h-9 shrink-0 items-center gap-1.5 rounded-full border text-sm transition-colors pointer-coarse:h-11 ";
const off = "border-line bg-surface text-ink-soft hover:bg-hover hover:text-ink";
const on = "border-transparent bg-brand-soft font-semibold text-on-brand-soft";

/** What of all that is found: chat, person, time, with a link. */
export function Filters({ chips, onChange, chats, people, myId }: FiltersProps) {
  const t = useT();
  const change = (part: Partial<Chips>): void => onChange({ ...chips, ...part });
  const times: Record<Time, string> = {
    any: t("search.anyTime"),
    day: t("search.today"),
    week: t("search.week"),
    month: t("search.month"),
    year: t("search.year"),
    dates: t("search.dates"),
  };
  return (
    <div role="group" aria-label={t("search.filters")} className="flex shrink-0 flex-col gap-2 pb-2">
      <div className="flex flex-wrap gap-2 px-4">
        <Choice label={t("search.when")} value={chips.time} none="any" onChange={(time) => change({ time: time as Time })}>
          {TIMES.map((time) => (
            <option key={time} value={time}>
              {times[time]}
            </option>
          ))}
        </Choice>
        <Choice label={t("search.from")} value={chips.senderId} none="" onChange={(senderId) => change({ senderId })}>
          <option value="">{t("search.anyone")}</option>
          <option value={myId}>{t("common.you")}</option>
          {people.map((each) => each.id !== myId && <option key={each.id} value={each.id}>{each.displayName}</option>)}
        </Choice>
        <Choice label={t("search.where")} value={chips.chatId} none="" onChange={(chatId) => change({ chatId })}>
          <option value="">{t("search.anyChat")}</option>
          {chats.map((each) => (
            <option key={each.id} value={each.id}>
              {chatName(each, myId, t)}
            </option>
          ))}
        </Choice>
        <button
          type="button"
          aria-pressed={chips.link}
          onClick={() => change({ link: !chips.link })}
          className={cx(chip, "px-3", chips.link ? on : off)}
        >
          <Link2 aria-hidden="true" className="size-4" />
          {t("search.links")}
        </button>
      </div>
      {chips.time === "dates" && (
        <div className="flex gap-2 px-4">
          <Day label={t("search.firstDay")} value={chips.first} max={chips.last} onChange={(first) => change({ first })} />
          <Day label={t("search.lastDay")} value={chips.last} min={chips.first} onChange={(last) => change({ last })} />
        </div>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  /** The value that leaves nothing out. */
  none: string;
  onChange: (value: string) => void;
  children: React.ReactNode;
}

/** The browser's own list behind a chip: every platform has a good one. */
function Choice({ label, value, none, onChange, children }: ChoiceProps) {
  const chosen = value !== none;
  return (
    <span className={cx(chip, chosen ? on : off)}>
      <select
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="field-sizing-content h-full max-w-44 cursor-pointer appearance-none truncate rounded-full bg-transparent ps-3 pe-7 [&>option]:bg-raised [&>option]:text-ink"
      >
        {children}
      </select>
      <ChevronDown aria-hidden="true" className="pointer-events-none absolute end-2 size-4" />
    </span>
  );
}

interface DayProps {
  label: string;
  value: string;
  min?: string;
  max?: string;
  onChange: (value: string) => void;
}

function Day({ label, value, min, max, onChange }: DayProps) {
  const id = useId();
  return (
    <label htmlFor={id} className="flex min-w-0 flex-1 flex-col gap-0.5 text-xs text-ink-soft">
      {label}
      <input
        id={id}
        type="date"
        value={value}
        min={min}
        max={max}
        onChange={(event) => onChange(event.target.value)}
        className="h-10 w-full min-w-0 rounded-md border border-line bg-surface px-2.5 text-sm text-ink pointer-coarse:h-11"
      />
    </label>
  );
}
