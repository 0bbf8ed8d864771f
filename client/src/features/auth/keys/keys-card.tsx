import { useState } from "react";

import type { KeysState } from "@/core/services.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/cx.ts";

import { ResetNews } from "./reset-news.tsx";

export type KeysNews = "none" | "locked" | "reset" | "recovery";

/** Milliseconds for which the reminder keeps quiet when the person says "later". */
const QUIET = 7 * 86_400_000;
const ROW = "batiyoun.recovery-later";

/** What is to be said of the keys below the list of chats; `talked`: a reminder before that is noise. */
export function keysNews(keys: KeysState, talked: boolean, now: number, quietSince: number): KeysNews {
  if (keys.state === "elsewhere" || keys.state === "replaced") return "locked";
  if (keys.resetAt !== null && keys.state === "ready") return "reset";
  if (keys.state === "ready" && keys.recoveryAt === null && keys.passkeyAt === null && talked && now - quietSince > QUIET) return "recovery";
  return "none";
}

/** What is to be said now, and how to say "later" to the reminder. */
export function useKeysNews(talked: boolean): { news: KeysNews; later: () => void } {
  const keys = useLive(useServices().keys.state);
  const [quietSince, setQuietSince] = useState(() => Number(localStorage.getItem(ROW) ?? 0));
  const [now] = useState(Date.now);
  const later = (): void => {
    localStorage.setItem(ROW, String(Date.now()));
    setQuietSince(Date.now());
  };
  return { news: keysNews(keys, talked, now, quietSince), later };
}

export interface KeysCardProps {
  news: Exclude<KeysNews, "none">;
  /** Where there is room, the page of keys says it beside the list. */
  onlyNarrow: boolean;
  /** To the page of keys. */
  onOpen: () => void;
  /** The reminder may come again another day. */
  onLater: () => void;
}

/** Below the list of chats: that messages are closed here, that somebody starts over, or that there is no way back yet. */
export function KeysCard({ news, onlyNarrow, onOpen, onLater }: KeysCardProps) {
  const t = useT();
  const keys = useLive(useServices().keys.state);
  return (
    <aside
      aria-label={t(`keys.${news}Card`)}
      // On a phone the button for a new chat floats below it.
      className={cx(
        "mx-3 mb-[calc(5.5rem+env(safe-area-inset-bottom))] flex not-last:mb-3 shrink-0 animate-rise flex-col gap-3 rounded-xl bg-raised p-4 shadow-raised min-[900px]:mb-3",
        onlyNarrow && "min-[900px]:hidden",
      )}
    >
      {news === "reset" ? (
        <ResetNews keys={keys} />
      ) : (
        <>
          <div>
            <h2 className="font-semibold text-ink">{t(`keys.${news}Card`)}</h2>
            <p className="text-sm text-ink-soft text-pretty">{t(`keys.${news}CardText`)}</p>
          </div>
          <div className="flex flex-wrap gap-2">
            <Button size="sm" onClick={onOpen}>
              {t(news === "locked" ? "keys.openThem" : "keys.makeWay")}
            </Button>
            {news === "recovery" && (
              <Button size="sm" look="quiet" onClick={onLater}>
                {t("keys.later")}
              </Button>
            )}
          </div>
        </>
      )}
    </aside>
  );
}
