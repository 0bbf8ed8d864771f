// Which piece of the chat is in memory: the newest messages, growing backwards as the person scrolls up, and a piece around
// what is on the screen once there are too many (client.md: at most about 600 rows).

import { useCallback, useRef, useState } from "react";

import type { MessageWindow, WindowQuery } from "@/core/services.ts";
import { useQuery, useServices } from "@/hooks/services.ts";

const STEP = 60;
const MOST = 600;
const HALF = MOST / 2;
/** So many read messages stand above the first unread one. */
const KNOWN = 20;

export interface ChatWindow {
  window: MessageWindow | undefined;
  /** The piece before this one ended where the chat ended: what is new now was appended, and the list may follow it. */
  follows: boolean;
  /** Older messages are on their way from the server; "failed" until the person scrolls again. */
  older: "idle" | "loading" | "failed";
  /** The top is near: load more before it. */
  onNearTop: () => void;
  /** The bottom of a piece from the past is near: move on towards the end. */
  onNearBottom: () => void;
  /** Back to the newest messages. */
  toEnd: () => void;
  /** To the piece around that place. */
  goTo: (order: number) => void;
}

/** What the first piece must hold: the first of the unread messages, and a few that were read before it. */
function firstPiece({ unread, readSeq }: { unread: number; readSeq: number }): WindowQuery {
  const limit = Math.max(STEP, unread + KNOWN);
  return limit <= MOST ? { at: "end", limit } : { at: "anchor", order: readSeq, before: KNOWN, after: HALF };
}

/** `opening`: what waited when the chat was opened. */
export function useChatWindow(chatId: string, opening: { unread: number; readSeq: number }): ChatWindow {
  const services = useServices();
  const [query, setQuery] = useState<WindowQuery>(() => firstPiece(opening));
  const live = useQuery((each) => each.messages.window(chatId, query), [chatId, query]);
  // While another piece is being read, what was there stays on the screen.
  const [held, setHeld] = useState({ window: live, follows: true });
  if (live && live !== held.window) setHeld({ window: live, follows: held.window?.newerHere !== true });
  const { window, follows } = held;
  const [older, setOlder] = useState<ChatWindow["older"]>("idle");
  const busy = useRef(false);
  /** After a failure the next attempt waits, longer every time: scrolling must not become a storm of requests. */
  const rest = useRef({ failures: 0, until: 0 });

  const loadOlder = useCallback(async () => {
    try {
      await services.messages.loadOlder(chatId);
      rest.current = { failures: 0, until: 0 };
      setOlder("idle");
    } catch {
      const failures = rest.current.failures + 1;
      rest.current = { failures, until: Date.now() + Math.min(60_000, 2_000 * 2 ** failures) };
      setOlder("failed");
    } finally {
      busy.current = false;
    }
  }, [chatId, services]);

  const onNearTop = useCallback(() => {
    const first = window?.items[0];
    if (!window || !first || live === undefined) return;
    if (window.olderHere) {
      setQuery((now) =>
        now.at === "end" && now.limit < MOST
          ? { at: "end", limit: Math.min(MOST, now.limit + STEP) }
          : { at: "anchor", order: first.order, before: HALF, after: HALF },
      );
    } else if (window.olderThere && !busy.current && Date.now() >= rest.current.until) {
      busy.current = true;
      setOlder("loading");
      void loadOlder();
    }
  }, [live, loadOlder, window]);

  const onNearBottom = useCallback(() => {
    const last = window?.items.at(-1);
    if (live === undefined || !window?.newerHere || !last) return;
    setQuery({ at: "anchor", order: last.order, before: HALF, after: HALF });
  }, [live, window]);

  const toEnd = useCallback(() => setQuery((now) => (now.at === "end" ? now : { at: "end", limit: STEP })), []);

  const goTo = useCallback(
    (order: number) => {
      const items = window?.items ?? [];
      const here = (items[0]?.order ?? Infinity) <= order && order <= (items.at(-1)?.order ?? -Infinity);
      if (!here) setQuery({ at: "anchor", order, before: STEP, after: HALF });
    },
    [window],
  );

  return { window, follows, older, onNearTop, onNearBottom, toEnd, goTo };
}
