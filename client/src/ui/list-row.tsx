import type { ReactNode } from "react";

import { cx } from "./cx.ts";

export interface ListRowProps {
  lead: ReactNode;
  title: ReactNode;
  /** A second line. */
  text?: ReactNode;
  /** What is too long goes on in the next line; else it is cut with an ellipsis, so that all rows are as tall. */
  wraps?: boolean;
  /** At the end of the first line: a time, a role. */
  aside?: ReactNode;
  /** At the end of the row or of the second line: a badge, a mark, a menu. */
  end?: ReactNode;
}

/** The inside of a row: avatar, two lines, something at the end. The caller wraps it in a link, a button or an item. */
export function ListRow({ lead, title, text, wraps = false, aside, end }: ListRowProps) {
  const words = wraps ? "text-pretty wrap-anywhere" : "truncate";
  return (
    <span className="flex min-w-0 flex-1 items-center gap-3.5 text-start">
      {lead}
      <span className="flex min-w-0 flex-1 flex-col gap-0.5">
        <span className="flex items-baseline gap-2">
          <span className={cx("min-w-0 flex-1 font-semibold text-ink", words)}>{title}</span>
          {aside && <span className="shrink-0 text-xs text-ink-soft">{aside}</span>}
        </span>
        {(text != null || end != null) && (
          <span className="flex min-h-5.5 items-center gap-2">
            <span className={cx("min-w-0 flex-1 text-sm text-ink-soft", words)}>{text}</span>
            {end}
          </span>
        )}
      </span>
    </span>
  );
}

/** Classes for the thing that wraps a `ListRow`: link, button or list item. */
export const rowClass =
  "relative flex w-full items-center rounded-md px-3 py-2.5 transition-colors hover:bg-hover focus-visible:-outline-offset-2 " +
  "aria-[current=page]:bg-brand-soft aria-[current=page]:before:absolute aria-[current=page]:before:inset-y-3 aria-[current=page]:before:start-0 " +
  "aria-[current=page]:before:w-1 aria-[current=page]:before:rounded-full aria-[current=page]:before:bg-marigold";
