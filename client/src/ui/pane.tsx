import { ArrowLeft } from "lucide-react";
import type { ReactNode, Ref } from "react";
import { IconButton } from "./icon-button.tsx";

export interface PaneProps {
  title: string;
  backLabel: string;
  onBack: () => void;
  /** Buttons at the end of the bar. */
  actions?: ReactNode;
  /** Stays above the scrolling part: a search field. */
  top?: ReactNode;
  /** Stays below it: the button that finishes. */
  footer?: ReactNode;
  /** The scrolling part. */
  scroller?: Ref<HTMLDivElement>;
  children: ReactNode;
}

/** A page of its own: a bar with the way back and the title, then what scrolls, a comfortable line wide. */
export function Pane({ title, backLabel, onBack, actions, top, footer, scroller, children }: PaneProps) {
  return (
    <section aria-label={title} className="flex h-full min-h-0 w-full min-w-0 flex-col bg-surface pad-safe-x">
      <header className="pad-safe-top shrink-0">
        <div className="mx-auto flex h-16 w-full max-w-2xl items-center gap-2 px-2 sm:px-4">
          <IconButton icon={ArrowLeft} label={backLabel} onClick={onBack} />
          <h1 className="min-w-0 flex-1 truncate text-lg font-semibold">{title}</h1>
          {actions}
        </div>
      </header>
      {top && <div className="mx-auto w-full max-w-2xl shrink-0 px-4 pb-3 sm:px-6">{top}</div>}
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
        <div className="mx-auto flex w-full max-w-2xl flex-col pb-8">{children}</div>
      </div>
      {footer && (
        <footer className="shrink-0 border-t border-line bg-surface pad-safe-bottom">
          <div className="mx-auto flex w-full max-w-2xl items-center gap-3 px-4 py-3 sm:px-6">{footer}</div>
        </footer>
      )}
    </section>
  );
}
