// What the bar at the top says of the connection.

import { useEffect, useState } from "react";

import type { Connection, Session } from "@/core/services.ts";

export type Notice = "none" | "expired" | "outdated" | "offline" | "reconnecting" | "connecting" | "syncing";

/** What there is to say, the most important first. */
export function noticeOf(session: Session, connection: Connection): Notice {
  if (session.state !== "signedIn") return "none";
  if (session.expired) return "expired";
  if (connection.state === "online") return connection.syncing ? "syncing" : "none";
  return connection.state === "idle" ? "none" : connection.state;
}

/** Milliseconds that a state must last before it is worth a word; a short hiccup is not. */
const PATIENCE: Partial<Record<Notice, number>> = { connecting: 2_000, reconnecting: 1_500, syncing: 1_500 };

/** Without a connection in one way or another: the bar may change its words at leisure, not disappear in between. */
const DOWN: ReadonlySet<Notice> = new Set(["offline", "reconnecting", "connecting"]);

/** The notice once it has lasted. */
export function useSettled(notice: Notice): Notice {
  const [shown, setShown] = useState<Notice>("none");
  useEffect(() => {
    const timer = setTimeout(() => setShown(notice), PATIENCE[notice] ?? 0);
    return () => clearTimeout(timer);
  }, [notice]);
  if (shown === notice || (DOWN.has(notice) && DOWN.has(shown))) return shown;
  return "none";
}
