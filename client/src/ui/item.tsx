import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

export interface ItemProps {
  icon: LucideIcon;
  title: ReactNode;
  /** Beside the title: a small mark such as "this browser". */
  mark?: ReactNode;
  /** Lines under the title. */
  text?: ReactNode;
  /** Buttons at the end. */
  children?: ReactNode;
}

/** One of several things that one has: a browser, a passkey, a link. An item of an `ItemList`. */
export function Item({ icon: Icon, title, mark, text, children }: ItemProps) {
  return (
    <li className="flex items-center gap-3.5 py-3 first:pt-0 last:pb-0">
      <span aria-hidden="true" className="flex size-10 shrink-0 items-center justify-center rounded-full bg-brand-soft text-on-brand-soft">
        <Icon className="size-5" strokeWidth={1.75} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5 font-semibold text-ink">
          <span className="min-w-0 wrap-anywhere">{title}</span>
          {mark}
        </p>
        {text && <div className="text-sm text-ink-soft text-pretty wrap-anywhere">{text}</div>}
      </div>
      {children && <div className="flex shrink-0 items-center">{children}</div>}
    </li>
  );
}

/** A small mark in words. */
export function Mark({ children }: { children: ReactNode }) {
  return (
    <span className="rounded-full bg-leaf-soft px-2 py-0.5 text-xs font-semibold whitespace-nowrap text-leaf-ink">{children}</span>
  );
}

/** The list around `Item`s. */
export function ItemList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="flex flex-col divide-y divide-line">
      {children}
    </ul>
  );
}
