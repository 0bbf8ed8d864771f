import { useT } from "@/i18n/index.ts";

import { STOP } from "./roving.ts";

export interface HushedProps {
  messageKey: string;
  /** The Tab key stops here. */
  stop: boolean;
  onShow: () => void;
}

/** In a group, what somebody says whom one blocks: one line, until one wants to see it. */
export function Hushed({ messageKey, stop, onShow }: HushedProps) {
  const t = useT();
  const show = (): void => {
    onShow();
    // What was pressed is gone; whoever came by keyboard goes on with the message itself.
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[${STOP}="${CSS.escape(messageKey)}"]`)?.focus({ preventScroll: true }));
  };
  return (
    <p className="my-1 flex items-center gap-1 text-sm text-ink-soft italic">
      <span className="min-w-0 truncate ps-9">{t("chats.hushed")}</span>
      <span aria-hidden="true">·</span>
      <button
        type="button"
        tabIndex={stop ? 0 : -1}
        aria-label={t("blocks.showLabel")}
        onClick={show}
        {...{ [STOP]: messageKey }}
        className="shrink-0 rounded-full px-2 py-0.5 font-semibold text-brand not-italic hover:bg-hover pointer-coarse:py-2.5"
      >
        {t("blocks.show")}
      </button>
    </p>
  );
}
