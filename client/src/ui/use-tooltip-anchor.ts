// Which thing with `data-tooltip` the mouse rests on or the keyboard is at. Listens on the document, once for the whole app.

import { useEffect, useMemo, useState } from "react";

/** How long a mouse rests before the first tooltip, how long one stays after it left, in ms. */
const REST = 500;
const LINGER = 150;

interface Shown {
  anchor: Element;
  text: string;
}

const anchorOf = (target: EventTarget | null): Element | null =>
  target instanceof Element ? target.closest("[data-tooltip]") : null;

/** An open menu says more than the tooltip of its button. */
const isOpen = (anchor: Element): boolean => anchor.getAttribute("aria-expanded") === "true";

/** Outside of React: timers and what is pointed at. `tell` is called with what to show. */
class Watch {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #anchor: Element | null = null;
  #visible = false;
  readonly #tell: (shown: Shown | null) => void;

  constructor(tell: (shown: Shown | null) => void) {
    this.#tell = tell;
  }

  /** The anchor is pointed at: shown after a rest, at once when another one was being shown. */
  enter(anchor: Element, wait = this.#visible ? 0 : REST): void {
    if (anchor === this.#anchor && this.#visible) return this.stay();
    clearTimeout(this.#timer);
    this.#anchor = anchor;
    this.#timer = setTimeout(() => {
      const text = anchor.getAttribute("data-tooltip");
      if (!text || !anchor.isConnected || isOpen(anchor)) return;
      this.#visible = true;
      this.#tell({ anchor, text });
    }, wait);
  }

  /** Nothing is pointed at: hidden a moment later, so that the mouse can reach the tooltip itself (WCAG 1.4.13). */
  leave(): void {
    if (!this.#anchor) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), LINGER);
  }

  stay(): void {
    clearTimeout(this.#timer);
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.#anchor = null;
    if (this.#visible) this.#tell(null);
    this.#visible = false;
  }
}

export interface TooltipAnchor {
  shown: Shown | null;
  /** For the tooltip itself. */
  onPointerEnter: () => void;
  onPointerLeave: () => void;
}

export function useTooltipAnchor(): TooltipAnchor {
  const [shown, setShown] = useState<Shown | null>(null);
  const watch = useMemo(() => new Watch(setShown), []);

  useEffect(() => {
    const stop = new AbortController();
    const on = <Type extends keyof DocumentEventMap>(type: Type, handle: (event: DocumentEventMap[Type]) => void): void =>
      document.addEventListener(type, handle, { signal: stop.signal, capture: true, passive: true });
    on("pointerover", (event) => {
      if (event.pointerType === "touch") return;
      const anchor = anchorOf(event.target);
      if (anchor) watch.enter(anchor);
      else if (!(event.target instanceof Element && event.target.closest("[role=tooltip]"))) watch.leave();
    });
    on("focusin", (event) => {
      const anchor = anchorOf(event.target);
      if (anchor?.matches(":focus-visible")) watch.enter(anchor, 0);
      else watch.hide();
    });
    on("pointerdown", () => watch.hide());
    on("scroll", () => watch.hide());
    on("keydown", (event) => {
      if (event.key !== "Tab" && event.key !== "Shift") watch.hide();
    });
    return () => {
      stop.abort();
      watch.hide();
    };
  }, [watch]);

  return { shown, onPointerEnter: () => watch.stay(), onPointerLeave: () => watch.leave() };
}
