// Dates, times and lists as the language writes them.

import { useMemo } from "react";

import { useLanguage } from "./index.ts";
import { kept, numbersOf, once } from "./kept.ts";
import { regional } from "./regional.ts";

const DAY = 86_400_000;
const SECOND = ["second", 1] as const;
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], SECOND] as const;

export interface Format {
  /** 14:05 */
  time(at: number): string;
  /** Today, yesterday, Tuesday, 3 March 2026: for separators. */
  day(at: number, now?: number): string;
  /** 3 March 2026, whatever today is: for facts. */
  date(at: number): string;
  /** The shortest that is clear, for lists: 14:05, Tue, 3 Mar, 03/03/25. */
  short(at: number, now?: number): string;
  /** 5 minutes ago, yesterday. */
  ago(at: number, now?: number): string;
  number(value: number): string;
  /** 7 days; in the largest unit that is not a piece of it. */
  duration(seconds: number): string;
  /** A, B and C */
  list(items: readonly string[]): string;
}

const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);
const daysBetween = (at: number, now: number): number => Math.round((startOfDay(now) - startOfDay(at)) / DAY);
const sameYear = (at: number, now: number): boolean => new Date(at).getFullYear() === new Date(now).getFullYear();

function formatFrom(language: string): Format {
  const dates = (options: Intl.DateTimeFormatOptions) => once(() => new Intl.DateTimeFormat(language, options));
  const clock = dates({ hour: "numeric", minute: "2-digit" });
  const weekday = dates({ weekday: "long" });
  const shortWeekday = dates({ weekday: "short" });
  const date = dates({ day: "numeric", month: "long" });
  const dateOfYear = dates({ day: "numeric", month: "long", year: "numeric" });
  const shortDate = dates({ day: "numeric", month: "short" });
  const shortDateOfYear = dates({ dateStyle: "short" });
  const relative = once(() => new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
  const lists = once(() => new Intl.ListFormat(language));
  const capital = (text: string): string => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);

  return {
    time: (at) => clock().format(at),
    day: (at, now = Date.now()) => {
      const days = daysBetween(at, now);
      if (days >= 0 && days < 2) return capital(relative().format(-days, "day"));
      if (days >= 2 && days < 7) return weekday().format(at);
      return (sameYear(at, now) ? date : dateOfYear)().format(at);
    },
    date: (at) => dateOfYear().format(at),
    short: (at, now = Date.now()) => {
      const days = daysBetween(at, now);
      if (days <= 0) return clock().format(at);
      if (days < 7) return shortWeekday().format(at);
      return (sameYear(at, now) ? shortDate : shortDateOfYear)().format(at);
    },
    ago: (at, now = Date.now()) => {
      const minutes = Math.max(0, Math.round((now - at) / 60_000));
      if (minutes < 60) return relative().format(-minutes, "minute");
      const days = daysBetween(at, now);
      return days === 0 ? relative().format(-Math.floor(minutes / 60), "hour") : relative().format(-days, "day");
    },
    number: (value) => numbersOf(language).format(value),
    duration: (seconds) => {
      const [unit, length] = UNITS.find((each) => seconds % each[1] === 0) ?? SECOND;
      return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(seconds / length);
    },
    list: (items) => lists().format(items),
  };
}

/** One for each language: what `Intl` makes costs more than all that a row of a list draws. */
const formatFor = kept(formatFrom);

/** How dates and lists are written in the language that is spoken. */
export function useFormat(): Format {
  const language = useLanguage();
  return useMemo(() => formatFor(regional(language, navigator.languages)), [language]);
}
