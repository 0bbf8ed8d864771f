import { useEffect, useRef } from "react";

import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";

/** What happens next with a report. */
export function Sent({ name, blocked, onClose }: { name: string; blocked: boolean; onClose: () => void }) {
  const t = useT();
  const done = useRef<HTMLButtonElement>(null);
  // What had the focus is gone.
  useEffect(() => done.current?.focus(), []);
  return (
    <div className="flex flex-col gap-3 px-6 pt-1 pb-5 text-pretty">
      <div role="status" className="flex flex-col gap-3">
        <p>{t("blocks.sentText", { name })}</p>
        {blocked && <p>{t("blocks.sentBlocked", { name })}</p>}
      </div>
      <div className="mt-2 flex justify-end">
        <Button ref={done} onClick={onClose}>
          {t("blocks.done")}
        </Button>
      </div>
    </div>
  );
}
