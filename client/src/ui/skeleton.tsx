import { cx } from "./cx.ts";

/** A breathing bar in the place of text that is on its way. `width` in percent. Hidden from screen readers. */
export function SkeletonLine({ width, soft = false }: { width: number; soft?: boolean }) {
  return (
    <span
      aria-hidden="true"
      className={cx("block h-3.5 animate-breathe rounded-full bg-pressed", soft && "h-3 opacity-70")}
      style={{ width: `${width}%` }}
    />
  );
}

/** Rows the shape of `ListRow`, shown until the local database has answered. `label` is said once to screen readers. */
export function SkeletonRows({ rows, label }: { rows: number; label: string }) {
  return (
    <div role="status" className="flex flex-col">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} aria-hidden="true" className="flex items-center gap-3.5 px-4 py-3">
          <span className="size-12 shrink-0 animate-breathe rounded-full bg-pressed" />
          <span className="flex flex-1 flex-col gap-2.5">
            <SkeletonLine width={35 + ((row * 17) % 30)} />
            <SkeletonLine width={60 + ((row * 23) % 35)} soft />
          </span>
        </div>
      ))}
    </div>
  );
}
