// What is being written, kept per chat: it survives leaving the chat, reloading and restarts.

import { useCallback, useEffect, useRef, useState } from "react";

import { useLeaving } from "@/hooks/leaving.ts";
import { useServices } from "@/hooks/services.ts";

const PAUSE = 300;

export interface Draft {
  text: string;
  set: (text: string) => void;
}

/** Loaded once per chat; written a moment after the last key, and at once when the chat is left. */
export function useDraft(chatId: string): Draft {
  const { drafts } = useServices();
  const [text, setText] = useState("");
  const waiting = useRef<{ timer: number; text: string } | null>(null);
  const touched = useRef(false);

  const flush = useCallback(async (): Promise<void> => {
    if (!waiting.current) return;
    const { timer, text: last } = waiting.current;
    clearTimeout(timer);
    waiting.current = null;
    await drafts.set(chatId, last);
  }, [chatId, drafts]);
  useLeaving(flush);

  useEffect(() => {
    const load = async (): Promise<void> => {
      const stored = await drafts.get(chatId);
      if (!touched.current && stored) setText(stored);
    };
    void load();
    const leave = (): void => void flush();
    // A phone may end a page that nobody looks at without a word.
    const hide = (): void => void (document.visibilityState === "hidden" && leave());
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", hide);
    return () => {
      window.removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", hide);
      leave();
    };
  }, [chatId, drafts, flush]);

  const set = useCallback(
    (next: string) => {
      touched.current = true;
      setText(next);
      drafts.prepare(chatId, next);
      if (waiting.current) clearTimeout(waiting.current.timer);
      waiting.current = { text: next, timer: window.setTimeout(() => void flush(), PAUSE) };
      if (!next) void flush();
    },
    [chatId, drafts, flush],
  );
  return { text, set };
}
