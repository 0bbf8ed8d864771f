// Who wants the menu of a row: the right button, the menu key, or a finger that rests. One set of listeners for a whole list.

/** How long a finger rests before it counts, in ms; and how far it may move, in CSS pixels. */
const REST = 450;
const SLACK = 10;

type Open = (chatId: string, x: number, y: number) => void;

const rowOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>("[data-chat]") : null;

/** Calls `open` with the chat of the row and the place for its menu. Returns how to stop. */
export function listenForHolds(list: HTMLElement, open: Open): () => void {
  let press: { timer: number; x: number; y: number } | null = null;
  let held = false;
  const end = (): void => {
    if (press) clearTimeout(press.timer);
    press = null;
  };
  const stop = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    heard: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ): void => list.addEventListener(type, heard, { ...options, signal: stop.signal });

  on("contextmenu", (event) => {
    const row = rowOf(event.target);
    if (!row) return;
    end();
    event.preventDefault();
    // Android tells it for the finger whose rest was counted here already.
    if (held) return;
    // Of the menu key it says nowhere, or the corner of the row.
    const byKey = event.button !== 2 && event.detail === 0;
    const box = row.getBoundingClientRect();
    open(row.dataset["chat"] ?? "", byKey ? box.left + 56 : event.clientX, byKey ? box.top + box.height / 2 : event.clientY);
  });
  // iOS tells no `contextmenu`, so fingers are timed.
  on("pointerdown", (event) => {
    end();
    held = false;
    const row = event.pointerType === "mouse" ? null : rowOf(event.target);
    if (!row) return;
    const { clientX: x, clientY: y } = event;
    const timer = window.setTimeout(() => {
      held = true;
      open(row.dataset["chat"] ?? "", x, y);
    }, REST);
    press = { timer, x, y };
  });
  on("pointermove", (event) => {
    if (press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLACK) end();
  });
  on("pointerup", end);
  on("pointercancel", end);
  on("scroll", end);
  // What follows when the finger lifts would open the chat, or close the menu.
  on("touchend", (event) => held && event.cancelable && event.preventDefault(), { passive: false });
  on("click", (event) => {
    if (!held) return;
    held = false;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  return () => {
    end();
    stop.abort();
  };
}
