// For how long a chat may be mute, in words.

import { FOREVER } from "@/core/limits.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT, type Key } from "@/i18n/index.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a person can choose; `until` says when it ends, in milliseconds since the epoch. */
export const MUTES: readonly { label: Key; until: () => number }[] = [
  { label: "wishes.muteHour", until: () => Date.now() + HOUR },
  { label: "wishes.muteEight", until: () => Date.now() + 8 * HOUR },
  { label: "wishes.muteOn", until: () => FOREVER },
];

/** Says until when a chat is mute: a time for today and tonight, else a day. */
export function useUntil(): (until: number) => string {
  const t = useT();
  const format = useFormat();
  return (until) => {
    if (until >= FOREVER) return t("wishes.untilOn");
    return t("wishes.until", { when: until - Date.now() < DAY ? format.time(until) : format.date(until) });
  };
}
