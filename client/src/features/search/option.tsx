import type { ReactNode } from "react";

import { cx } from "@/ui/cx.ts";

export interface OptionProps {
  id: string;
  /** The one that Enter opens. */
  active: boolean;
  onOpen: () => void;
  lead: ReactNode;
  title: ReactNode;
  aside?: ReactNode;
  text?: ReactNode;
}

/** A result. The focus stays in the field: which one is chosen is told by `aria-activedescendant`. */
export function Option({ id, active, onOpen, lead, title, aside, text }: OptionProps) {
  return (
    // Keys are the field's.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      role="option"
      id={id}
      aria-selected={active}
      onClick={onOpen}
      // The field keeps the focus, and a phone its keyboard.
      onMouseDown={(event) => event.preventDefault()}
      className={cx(
        "mx-2 flex cursor-pointer items-center gap-3.5 rounded-md px-3 py-2.5 transition-colors select-none hover:bg-hover",
        active && "bg-pressed hover:bg-pressed",
      )}
    >
      {lead}
      <span className="flex min-w-0 flex-1 flex-col gap-0.5">
        <span className="flex items-baseline gap-2">
          <span className="min-w-0 flex-1 truncate font-semibold text-ink">
            <bdi>{title}</bdi>
          </span>
          {aside && <span className="shrink-0 text-xs text-ink-soft">{aside}</span>}
        </span>
        {text && <span className="line-clamp-2 text-sm text-ink-soft wrap-anywhere">{text}</span>}
      </span>
    </div>
  );
}

/** Results of one kind, under their name. */
export function Group({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <div role="group" aria-labelledby={id} className="pb-2">
      <div id={id} role="presentation" className="px-5 pt-2 pb-1 text-sm font-semibold text-ink-soft">
        {title}
      </div>
      {children}
    </div>
  );
}
