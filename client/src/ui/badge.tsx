/** A count on marigold, "99+" past 99. `label` says in words what is counted. Nothing for 0. */
export function Badge({ count, label }: { count: number; label: string }) {
  if (count <= 0) return null;
  return (
    <span className="inline-flex h-5.5 min-w-5.5 items-center justify-center rounded-full bg-marigold px-1.5 text-xs font-bold text-on-marigold tabular-nums">
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span className="sr-only">{label}</span>
    </span>
  );
}
