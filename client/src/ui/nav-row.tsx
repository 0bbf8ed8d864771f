import { ChevronRight, type LucideIcon } from "lucide-react";

export interface NavRowProps {
  icon: LucideIcon;
  title: string;
  text?: string;
  onPress: () => void;
}

/** A way to a page of its own, among settings. */
export function NavRow({ icon: Icon, title, text, onPress }: NavRowProps) {
  return (
    <button
      type="button"
      onClick={onPress}
      className="-mx-3 flex min-h-14 items-center gap-3.5 rounded-md px-3 py-2 text-start transition-colors hover:bg-hover focus-visible:-outline-offset-2"
    >
      <Icon aria-hidden="true" className="size-5 shrink-0 text-brand" strokeWidth={1.75} />
      <span className="min-w-0 flex-1">
        <span className="block font-semibold text-ink">{title}</span>
        {text && <span className="block text-sm text-ink-soft text-pretty">{text}</span>}
      </span>
      <ChevronRight aria-hidden="true" className="size-5 shrink-0 text-ink-soft rtl:-scale-x-100" />
    </button>
  );
}
