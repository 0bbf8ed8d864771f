import { TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { ApiError } from "@/core/errors.ts";
import type { Fate, Step } from "@/core/local/model.ts";
import { useAction } from "@/hooks/action.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useServices } from "@/hooks/services.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Progress } from "@/ui/progress.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

export interface ClearDialogProps {
  chatId: string;
  name: string;
  onClose: () => void;
  onExport: () => void;
  onCleared: () => void;
}

const FATES: Record<Fate["from"], Key> = {
  server: "files.fromServer",
  archive: "files.fromArchive",
  nowhere: "files.fromNowhere",
};

/** Asks before a chat is cleared from this browser, after looking what comes back and what does not. */
export function ClearDialog({ chatId, name, onClose, onExport, onCleared }: ClearDialogProps) {
  const t = useT();
  const say = useProblem();
  const services = useServices();
  const [fate, setFate] = useState<Fate | null>(null);
  const [step, setStep] = useState<Step | null>(null);
  const [trouble, setTrouble] = useState<{ error: unknown } | null>(null);
  const { busy, problem, run } = useAction();
  const clearing = useRef<AbortController | null>(null);

  useEffect(() => {
    const stop = new AbortController();
    const look = async (): Promise<void> => {
      const desk = await services.local.open();
      setFate(await desk.fate(chatId, setStep, stop.signal));
    };
    look().catch((error: unknown) => {
      if (!stop.signal.aborted && !(error instanceof ApiError && error.code === "cancelled")) setTrouble({ error });
    });
    return () => {
      stop.abort();
      clearing.current?.abort();
    };
  }, [chatId, services]);

  const clear = (): void =>
    void run(async () => {
      const stop = new AbortController();
      clearing.current = stop;
      const desk = await services.local.open();
      await desk.clear(chatId, stop.signal);
      if (stop.signal.aborted) return;
      toast(t("files.cleared", { name }), "good");
      onCleared();
    });
  const nothing = fate?.cleared === 0;
  const risky = fate !== null && fate.lost > 0;

  return (
    <Dialog
      open
      onClose={onClose}
      title={t("files.clearTitle", { name })}
      closeLabel={t("common.close")}
      footer={
        <>
          <Button look="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          {risky && (
            <Button look="soft" onClick={onExport}>
              {t("files.exportFirst")}
            </Button>
          )}
          <Button look={risky ? "danger" : "primary"} disabled={!fate || nothing} busy={busy} onClick={clear}>
            {t("files.clearNow")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 px-6 pt-1 pb-5 text-pretty">
        {!fate && !trouble && (
          <div role="status" className="flex flex-col gap-2">
            <p className="text-ink-soft">{t("files.asking")}</p>
            {step && <Progress value={step.done / step.total} label={t("files.asking")} />}
          </div>
        )}
        {nothing && <p>{t("files.nothing")}</p>}
        {fate && !nothing && (
          <>
            <p>{t(FATES[fate.from], { count: fate.cleared })}</p>
            {risky && (
              <Banner icon={TriangleAlert} tone="danger" shape="card">
                {t("files.lost", { count: fate.lost })}
              </Banner>
            )}
            <p className="text-ink-soft">{t("files.stays")}</p>
          </>
        )}
        {trouble && <Trouble>{say(trouble.error)}</Trouble>}
        {problem && <Trouble>{problem}</Trouble>}
      </div>
    </Dialog>
  );
}
