// What is being written, kept per chat: it survives leaving the chat, reloading and restarts.

import { useCallback, useEffect, useRef, useState } from "react";

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

  const flush = useCallback(() => {
    if (!waiting.current) return;
    clearTimeout(waiting.current.timer);
    void drafts.set(chatId, waiting.current.text);
    waiting.current = null;
  }, [chatId, drafts]);

  useEffect(() => {
    const load = async (): Promise<void> => {
      const stored = await drafts.get(chatId);
      if (!touched.current && stored) setText(stored);
    };
    void load();
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [chatId, drafts, flush]);

  const set = useCallback(
    (next: string) => {
      touched.current = true;
      setText(next);
      if (waiting.current) clearTimeout(waiting.current.timer);
      waiting.current = { text: next, timer: window.setTimeout(flush, PAUSE) };
      if (!next) flush();
    },
    [flush],
  );
  return { text, set };
}
