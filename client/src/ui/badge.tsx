import { cx } from "./cx.ts";

/** A count on marigold, or without colour when it is `quiet`; "99+" past 99. `label` says in words what is counted. Nothing for 0. */
export function Badge({ count, label, quiet = false }: { count: number; label: string; quiet?: boolean }) {
  if (count <= 0) return null;
  const colours = quiet ? "bg-pressed text-ink" : "bg-marigold text-on-marigold";
  return (
    <span className={cx("inline-flex h-5.5 min-w-5.5 items-center justify-center rounded-full px-1.5 text-xs font-bold tabular-nums", colours)}>
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span className="sr-only">{label}</span>
    </span>
  );
}
