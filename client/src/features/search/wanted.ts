// What the chips above the results say, and what they ask for.

import type { SearchQuery } from "@/core/services.ts";

export const TIMES = ["any", "day", "week", "month", "year", "dates"] as const;
export type Time = (typeof TIMES)[number];

export interface Chips {
  /** Empty: any. */
  chatId: string;
  senderId: string;
  time: Time;
  /** Days as `<input type="date">` writes them, for "dates"; both may be empty. */
  first: string;
  last: string;
  link: boolean;
}

export const NO_CHIPS: Chips = { chatId: "", senderId: "", time: "any", first: "", last: "", link: false };

/** Whether they leave anything out. */
export const isChosen = ({ chatId, senderId, time, link }: Chips): boolean => chatId !== "" || senderId !== "" || time !== "any" || link;

const DAYS: Partial<Record<Time, number>> = { week: 7, month: 30, year: 365 };

/** The beginning of that day here, or of today so many days later. */
function dayOf(date: string | number, later = 0): number {
  const [year = 0, month = 1, day = 1] = typeof date === "string" ? date.split("-").map(Number) : [];
  const at = typeof date === "string" ? new Date(year, month - 1, day) : new Date(date);
  // By the calendar: not every day has 24 hours.
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + later).getTime();
}

function timesOf({ time, first, last }: Chips, now: number): Pick<SearchQuery, "from" | "to"> {
  if (time === "any") return {};
  if (time === "dates") return { ...(first ? { from: dayOf(first) } : {}), ...(last ? { to: dayOf(last, 1) } : {}) };
  return { from: dayOf(now, 1 - (DAYS[time] ?? 1)) };
}

/** What is asked for; null: nothing. */
export function queryOf(text: string, chips: Chips, now: number): SearchQuery | null {
  if (text.trim() === "" && !isChosen(chips)) return null;
  const { chatId, senderId, link } = chips;
  return {
    text: text.trim(),
    ...(chatId ? { chatId } : {}),
    ...(senderId ? { senderId } : {}),
    ...(link ? { link } : {}),
    ...timesOf(chips, now),
  };
}
