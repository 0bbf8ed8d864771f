import type { ReactNode } from "react";

import { useT } from "@/i18n/index.ts";
import { Pane } from "@/ui/pane.tsx";

export interface PageProps {
  onBack: () => void;
  /** To another page below the settings. */
  onPage?: (page: "keys" | "sessions") => void;
  /** To a chat. */
  onChat?: (chatId: string) => void;
}

/** A page below the settings. */
export function Page({ title, text, onBack, children }: Pick<PageProps, "onBack"> & { title: string; text?: string; children: ReactNode }) {
  const t = useT();
  return (
    <Pane title={title} backLabel={t("common.back")} onBack={onBack}>
      <div className="flex flex-col gap-9 px-4 pt-2 sm:px-6">
        {text && <p className="-mb-3 text-ink-soft text-pretty">{text}</p>}
        {children}
      </div>
    </Pane>
  );
}
