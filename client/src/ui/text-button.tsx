import type { ReactNode } from "react";

import { linkClass } from "./link.ts";

export interface TextButtonProps {
  onPress: () => void;
  busy?: boolean;
  disabled?: boolean;
  children: ReactNode;
}

/** Something to press that looks like a link, among text. */
export function TextButton({ onPress, busy = false, disabled = false, children }: TextButtonProps) {
  return (
    <button
      type="button"
      disabled={disabled}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={() => !busy && onPress()}
      className={`${linkClass} text-sm disabled:opacity-55 aria-busy:opacity-55`}
    >
      {children}
    </button>
  );
}
