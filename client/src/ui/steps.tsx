import { cx } from "./cx.ts";

export interface StepsProps {
  /** Which one it is now, from 0. */
  at: number;
  of: number;
  /** "Step 2 of 4". */
  label: string;
}

/** How far one has come on a way of several pages. */
export function Steps({ at, of, label }: StepsProps) {
  return (
    <div className="flex items-center gap-3">
      <span className="shrink-0 text-sm text-ink-soft tabular-nums">{label}</span>
      <span aria-hidden="true" className="flex flex-1 gap-1.5">
        {Array.from({ length: of }, (_, step) => (
          <span key={step} className={cx("h-1 flex-1 rounded-full", step <= at ? "bg-brand" : "bg-pressed")} />
        ))}
      </span>
    </div>
  );
}
