import { useRef, useState, type KeyboardEvent, type RefObject } from "react";

export interface Roving {
  list: RefObject<HTMLUListElement | null>;
  /** Index of the row that the Tab key stops at. */
  stop: number;
  onFocus: (id: string) => void;
  onKeyDown: (event: KeyboardEvent, index: number) => void;
  /** Moves the focus into the list. */
  enter: (index: number) => void;
}

/** Rows that Page Up and Page Down pass over. */
const PAGE = 8;
/** Frames to wait until a row that was scrolled to is there. */
const PATIENCE = 10;

/**
 * One stop of the Tab key for a long list, and arrows, Home, End and Page keys within it. The stop is the row that had the
 * focus last, else `preferred`, else the first. `bring` scrolls a row into the rendered part; its `<li data-index>` may
 * appear only a frame later.
 */
export function useRoving(ids: readonly string[], preferred: string | null, bring: (index: number) => void): Roving {
  const list = useRef<HTMLUListElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const found = focused === null ? -1 : ids.indexOf(focused);
  const stop = Math.max(0, found >= 0 || preferred === null ? found : ids.indexOf(preferred));

  const focus = (index: number, patience: number): void => {
    const row = list.current?.querySelector<HTMLElement>(`li[data-index="${index}"] > a`);
    if (row) row.focus();
    else if (patience > 0) requestAnimationFrame(() => focus(index, patience - 1));
  };
  const enter = (index: number): void => {
    if (ids.length === 0) return;
    const target = Math.min(Math.max(index, 0), ids.length - 1);
    bring(target);
    focus(target, PATIENCE);
  };
  const onKeyDown = (event: KeyboardEvent, index: number): void => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
    const steps: Partial<Record<string, number>> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + PAGE,
      PageUp: index - PAGE,
      Home: 0,
      End: ids.length - 1,
    };
    const target = steps[event.key];
    if (target === undefined) return;
    event.preventDefault();
    enter(target);
  };
  return { list, stop, onFocus: setFocused, onKeyDown, enter };
}
