/** A bar for work whose length is known. `value` is 0 to 1; `label` names the work for screen readers. */
export function Progress({ value, label }: { value: number; label: string }) {
  const share = Math.min(1, Math.max(0, value));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      className="h-1.5 overflow-hidden rounded-full bg-pressed"
    >
      <div
        className="h-full origin-left rounded-full bg-brand transition-transform"
        style={{ transform: `scaleX(${share})` }}
      />
    </div>
  );
}
