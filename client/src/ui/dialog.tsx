import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./cx.ts";
import { useFocusReturn } from "./focus-return.ts";
import { IconButton } from "./icon-button.tsx";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** Said after the title when it opens. */
  description?: string;
  closeLabel: string;
  /** "side" is a panel at the end of the screen on wide windows; both are sheets from below on phones. */
  placement?: "centre" | "side";
  /** Above every other window: for what another window waits for. */
  topmost?: boolean;
  /** Buttons that stay visible under the scrolling content. */
  footer?: ReactNode;
  children?: ReactNode;
}

/** A window over the app: takes the focus, keeps it, gives it back; Escape and the scrim close it. */
export function Dialog({ open, onClose, title, description, closeLabel, placement = "centre", topmost = false, footer, children }: DialogProps) {
  const returnFocus = useFocusReturn(open);
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={cx("fixed inset-0 animate-appear bg-scrim", topmost ? "z-60" : "z-40")} />
        <Radix.Content
          data-surface
          onCloseAutoFocus={returnFocus}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed flex flex-col overflow-hidden bg-raised text-ink shadow-overlay focus:outline-none",
            topmost ? "z-60" : "z-40",
            "inset-x-0 bottom-0 max-h-[92dvh] animate-slide-up rounded-t-xl pad-safe-bottom",
            placement === "centre" &&
              "sm:inset-0 sm:m-auto sm:h-fit sm:max-h-[min(44rem,calc(100dvh-4rem))] sm:w-[min(30rem,calc(100vw-3rem))] sm:animate-rise sm:rounded-xl",
            placement === "side" &&
              "sm:inset-y-0 sm:start-auto sm:end-0 sm:max-h-none sm:w-96 sm:animate-slide-in sm:rounded-none sm:rounded-s-xl",
          )}
        >
          <header className="flex items-start gap-2 py-3 ps-6 pe-3">
            {/* The first line is in the middle of the button, however many follow. */}
            <div className="min-w-0 flex-1 pt-1.5 pointer-coarse:pt-2">
              <Radix.Title className="line-clamp-3 text-lg font-semibold wrap-anywhere">{title}</Radix.Title>
              {description && (
                <Radix.Description className="text-sm text-ink-soft text-pretty">{description}</Radix.Description>
              )}
            </div>
            <IconButton icon={X} label={closeLabel} tooltip={false} onClick={onClose} />
          </header>
          <div className="flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain">{children}</div>
          {footer && <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-6 py-3">{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
