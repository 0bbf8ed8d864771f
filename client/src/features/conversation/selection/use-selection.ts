// Several messages of a conversation chosen at once: which, and how others come to them.

import { useCallback, useMemo, useRef, useState, type ComponentType } from "react";

import type { MessageItem } from "@/core/services.ts";
import { useT } from "@/i18n/index.ts";
import { toast } from "@/ui/toast-store.ts";

import { isStanding } from "../asks.ts";
import { STOP } from "../roving.ts";
import type { BarProps } from "./bar.tsx";

/** So many at once; what is forwarded is sent one by one. */
export const MOST = 100;

export interface Selection {
  /** Keys of what is chosen; null: nothing is being chosen. */
  keys: ReadonlySet<string> | null;
  /** The same as messages, from the oldest to the newest; without those that were deleted meanwhile. */
  messages: readonly MessageItem[];
  /** Whether the box of that message takes the focus as it comes: where choosing began, once. */
  takesFocus: (key: string) => boolean;
  /** What is shown in the place of the composer. */
  Bar: ComponentType<BarProps> | null;
  begin: (message: MessageItem) => void;
  /** `upTo`: with everything between it and the last one that was chosen. */
  toggle: (message: MessageItem, upTo: boolean) => void;
  /** The keyboard went from one message to the next, holding Shift. */
  extend: (from: string, to: string) => void;
  leave: () => void;
}

type Chosen = ReadonlyMap<string, MessageItem>;

/** `items`: what is in memory of the conversation. A message that is chosen stays so when it is scrolled out of that. */
export function useSelection(items: readonly MessageItem[]): Selection {
  const t = useT();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [Bar, setBar] = useState<ComponentType<BarProps> | null>(null);
  const focus = useRef<string | null>(null);
  /** Where a range begins. */
  const anchor = useRef<string | null>(null);

  const set = useCallback(
    (next: Chosen): void => {
      if (next.size > MOST) return toast(t("conversation.selectMost", { count: MOST }), "danger");
      setChosen(next);
    },
    [t],
  );
  const start = useCallback(
    async (messages: readonly MessageItem[], from: MessageItem, at: MessageItem): Promise<void> => {
      try {
        const { Bar: Loaded } = await import("./bar.tsx");
        anchor.current = from.key;
        focus.current = at.key;
        setBar(() => Loaded);
        setChosen(new Map(messages.map((each) => [each.key, each])));
      } catch {
        toast(t("problems.offline"), "danger");
      }
    },
    [t],
  );
  const begin = useCallback((message: MessageItem) => void start([message], message, message), [start]);

  const toggle = (message: MessageItem, upTo: boolean): void => {
    if (!chosen) return;
    const next = new Map(chosen);
    const from = upTo ? items.findIndex((each) => each.key === anchor.current) : -1;
    const to = items.findIndex((each) => each.key === message.key);
    if (from >= 0 && to >= 0) {
      const between = items.slice(Math.min(from, to), Math.max(from, to) + 1).filter(isStanding);
      for (const each of between) next.set(each.key, each);
    } else {
      if (!next.delete(message.key)) next.set(message.key, message);
      anchor.current = message.key;
    }
    set(next);
  };

  const extend = (from: string, to: string): void => {
    const [one, other] = [from, to].map((key) => items.find((each) => each.key === key && isStanding(each)));
    if (!one || !other) return;
    if (!chosen) return void start([one, other], one, other);
    const next = new Map(chosen);
    // Back towards where it began.
    if (next.has(to) && from !== anchor.current) next.delete(from);
    else for (const each of [one, other]) next.set(each.key, each);
    set(next);
  };

  const leave = useCallback((): void => {
    setChosen(null);
    // Where there is no field to write in that takes the focus.
    requestAnimationFrame(() => {
      if (document.activeElement !== document.body || anchor.current === null) return;
      document.querySelector<HTMLElement>(`[${STOP}="${CSS.escape(anchor.current)}"]`)?.focus({ preventScroll: true });
    });
  }, []);
  const takesFocus = useCallback((key: string): boolean => {
    if (focus.current !== key) return false;
    focus.current = null;
    return true;
  }, []);
  const messages = useMemo(() => {
    const here = new Map(items.map((each) => [each.key, each]));
    const now = [...(chosen?.values() ?? [])].map((each) => here.get(each.key) ?? each);
    return now.filter(isStanding).toSorted((one, other) => one.order - other.order);
  }, [chosen, items]);
  const keys = useMemo(() => (chosen ? new Set(messages.map((each) => each.key)) : null), [chosen, messages]);
  return { keys, messages, takesFocus, Bar, begin, toggle, extend, leave };
}
