import { Fragment } from "react";

import type { SearchHit } from "@/core/services.ts";

/** A piece of a message with what was looked for in it marked; never HTML. */
export function Marked({ excerpt: { text, marks } }: { excerpt: SearchHit["excerpt"] }) {
  const parts = marks.map(([start, end], index) => ({
    start,
    before: text.slice(marks[index - 1]?.[1] ?? 0, start),
    marked: text.slice(start, end),
  }));
  return (
    <bdi>
      {parts.map(({ start, before, marked }) => (
        <Fragment key={start}>
          {before}
          <mark className="rounded-nub bg-note-soft font-semibold text-on-note-soft">{marked}</mark>
        </Fragment>
      ))}
      {text.slice(marks.at(-1)?.[1] ?? 0)}
    </bdi>
  );
}
