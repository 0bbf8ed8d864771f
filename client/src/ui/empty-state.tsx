import type { ReactNode } from "react";

/** Nothing here yet: a drawing, one sentence, why or what next, and the way there. */
export function EmptyState({ art, title, text, action }: { art?: ReactNode; title: string; text?: string; action?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center gap-2 px-6 py-10 text-center">
      {art && <div className="mb-3">{art}</div>}
      <h2 className="text-lg font-semibold text-ink">{title}</h2>
      {text && <p className="text-ink-soft text-pretty">{text}</p>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  );
}
