import { Braces, FileText, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { ApiError } from "@/core/errors.ts";
import { HtmlWriter } from "@/core/export/html.ts";
import { JsonWriter } from "@/core/export/json.ts";
import type { ExportTail } from "@/core/export/model.ts";
import type { ExportProgress } from "@/core/export/run.ts";
import { chatName } from "@/hooks/chat-name.ts";
import { useMe } from "@/hooks/me.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useQuery, useServices } from "@/hooks/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useLanguage, useT, type Key } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Progress } from "@/ui/progress.tsx";
import { RadioGroup } from "@/ui/radio-group.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { openFile, type FileKind } from "./file.ts";
import { pageWords } from "./page-words.ts";

export interface ExportDialogProps {
  chatId: string;
  onClose: () => void;
}

type Kind = "page" | "data";
const KINDS: Record<Kind, FileKind & { text: Key }> = {
  page: { type: "text/html", ending: ".html", text: "files.pageText" },
  data: { type: "application/json", ending: ".json", text: "files.dataText" },
};

/** Saves a chat as a file: which kind, how far it is, what could not be opened. */
export function ExportDialog({ chatId, onClose }: ExportDialogProps) {
  const t = useT();
  const say = useProblem();
  const services = useServices();
  const speech = { t, format: useFormat(), language: useLanguage() };
  const me = useMe();
  const chat = useQuery((each) => each.chats.detail(chatId), [chatId]);
  const [kind, setKind] = useState<Kind>("page");
  const [progress, setProgress] = useState<ExportProgress | null>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<{ error: unknown } | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  if (!chat || !me) return null;
  const name = chatName(chat, me.id, t);

  const run = async (onlyHere: boolean): Promise<void> => {
    const stop = new AbortController();
    running.current = stop;
    setBusy(true);
    setTrouble(null);
    try {
      const sink = await openFile(name, KINDS[kind]);
      const desk = await services.local.open();
      const writer = kind === "page" ? new HtmlWriter(pageWords(speech, me)) : new JsonWriter();
      const tail = await desk.export(chatId, { writer, sink, onlyHere, name, signal: stop.signal, progress: setProgress });
      told(tail);
      onClose();
    } catch (error) {
      const stopped = error instanceof ApiError && error.code === "cancelled";
      if (!stopped && !stop.signal.aborted) setTrouble({ error });
    } finally {
      setBusy(false);
      setProgress(null);
    }
  };
  const told = ({ counts, complete }: ExportTail): void => {
    const closed = counts.unreadable > 0 ? ` ${t("files.unreadable", { count: counts.unreadable })}` : "";
    const partly = complete ? "" : ` ${t("files.partly")}`;
    toast(t("files.saved", { count: counts.messages }) + closed + partly, closed || partly ? "quiet" : "good");
  };
  const missing = trouble?.error instanceof ApiError && trouble.error.retryable;

  return (
    <Dialog
      open
      onClose={onClose}
      title={t("files.exportTitle", { name })}
      closeLabel={t("common.close")}
      footer={
        <>
          <Button look="quiet" onClick={busy ? () => running.current?.abort() : onClose}>
            {t("common.cancel")}
          </Button>
          <Button busy={busy} onClick={() => void run(false)}>
            {t("files.save")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 px-6 pt-1 pb-5">
        <RadioGroup
          label={t("files.kind")}
          value={kind}
          onChange={(next) => !busy && setKind(next)}
          options={[
            { value: "page", label: t("files.page"), icon: FileText },
            { value: "data", label: t("files.data"), icon: Braces },
          ]}
        />
        <p className="text-sm text-ink-soft text-pretty">{t(KINDS[kind].text)}</p>
        <Banner icon={TriangleAlert} shape="card">
          {t("files.warning")} {chat.lasts > 0 && t("files.lasting")}
        </Banner>
        {progress && <Doing progress={progress} />}
        {trouble && (
          <Trouble
            action={
              missing && (
                <Button look="quiet" size="sm" onClick={() => void run(true)}>
                  {t("files.onlyHere")}
                </Button>
              )
            }
          >
            {say(trouble.error)}
          </Trouble>
        )}
      </div>
    </Dialog>
  );
}

function Doing({ progress: { phase, done, total } }: { progress: ExportProgress }) {
  const t = useT();
  const text = t(phase === "fetching" ? "files.fetching" : "files.writing", { done, total });
  return (
    <div role="status" className="flex flex-col gap-2">
      <p className="text-sm text-ink-soft tabular-nums">{text}</p>
      <Progress value={done / total} label={t("files.share")} />
    </div>
  );
}
