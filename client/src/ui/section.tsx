import { useId, type ReactNode } from "react";

/** A titled group of settings. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-4">
      <h2 id={id} className="flex items-center gap-3 text-sm font-semibold text-ink-soft">
        {title}
        <span aria-hidden="true" className="h-px flex-1 bg-line" />
      </h2>
      {children}
    </section>
  );
}

/** A name and what belongs to it. */
export function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid items-center gap-x-6 gap-y-2 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <span className="text-sm font-semibold text-ink">{label}</span>
      {children}
    </div>
  );
}
