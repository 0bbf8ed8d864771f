// What is being written, kept per chat: it survives leaving the chat, reloading and restarts, also while it is being sent.

import { useCallback, useEffect, useRef, useState } from "react";

import { useLeaving } from "@/hooks/leaving.ts";
import { useServices } from "@/hooks/services.ts";

const PAUSE = 300;

/** Per chat: the words that are on their way into the outbox. */
const sending = new Map<string, Promise<unknown>>();

export interface Draft {
  text: string;
  set: (text: string) => void;
  /**
   * Runs `run` with what is in the field, if `fits` says so; false: it did not. `run` puts the words into the outbox, and
   * until they are there they are the draft. The field is empty as soon as they are kept as one or the other: whatever
   * happens to the page then, they are not lost. Rejects as `run` does, and the words are in the field again.
   */
  send: (fits: (text: string) => boolean, run: (text: string) => Promise<unknown>) => Promise<boolean>;
}

/** Loaded once per chat; written a moment after the last key, and at once when the chat is left. */
export function useDraft(chatId: string): Draft {
  const { drafts } = useServices();
  const [text, setText] = useState("");
  const written = useRef("");
  const going = useRef<readonly string[]>([]);
  const handing = useRef<{ words: string; kept: Promise<unknown> } | null>(null);
  const timer = useRef<number | null>(null);
  const touched = useRef(false);
  const here = useRef(false);

  const kept = useCallback((): string => [...going.current, written.current].filter((each) => each !== "").join("\n"), []);
  const show = useCallback((next: string): void => {
    touched.current = true;
    written.current = next;
    setText(next);
  }, []);
  const keep = useCallback(async (): Promise<void> => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
    await drafts.set(chatId, kept());
  }, [chatId, drafts, kept]);
  const flush = useCallback(async (): Promise<void> => {
    if (timer.current !== null) await keep();
  }, [keep]);
  useLeaving(flush);

  useEffect(() => {
    here.current = true;
    const load = async (): Promise<void> => {
      await sending.get(chatId)?.catch(() => {});
      const stored = await drafts.get(chatId);
      if (touched.current || !stored) return;
      written.current = stored;
      setText(stored);
    };
    void load();
    const leave = (): void => void flush();
    // A phone may end a page that nobody looks at without a word.
    const hide = (): void => void (document.visibilityState === "hidden" && leave());
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", hide);
    return () => {
      here.current = false;
      window.removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", hide);
      leave();
    };
  }, [chatId, drafts, flush]);

  const set = useCallback(
    (next: string) => {
      show(next);
      drafts.prepare(chatId, kept());
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = window.setTimeout(() => void flush(), PAUSE);
      if (!next) void flush();
    },
    [chatId, drafts, flush, kept, show],
  );

  const send = useCallback<Draft["send"]>(
    async (fits, run) => {
      // A second Enter on the same words is one too many; what was written since waits for its turn.
      if (handing.current?.words === written.current) return false;
      while (handing.current) await handing.current.kept;
      const words = written.current;
      if (!fits(words)) return false;
      const work = run(words);
      sending.set(chatId, work);
      // Whether it failed is asked below. Without a draft it goes on: sending says what is wrong with the database.
      handing.current = { words, kept: Promise.race([keep().catch(() => {}), work.catch(() => {})]) };
      await handing.current.kept;
      handing.current = null;
      going.current = [...going.current, words];
      show(written.current.startsWith(words) ? written.current.slice(words.length) : written.current);
      const arrived = (): void => void (going.current = going.current.toSpliced(going.current.indexOf(words), 1));
      try {
        await work;
        arrived();
      } catch (error) {
        arrived();
        show([words, written.current].filter((each) => each !== "").join("\n"));
        throw error;
      } finally {
        if (sending.get(chatId) === work) sending.delete(chatId);
        // The outbox took the draft away with the words; what was written since is kept again.
        if (here.current) await keep().catch(() => {});
      }
      return true;
    },
    [chatId, keep, show],
  );
  return { text, set, send };
}
