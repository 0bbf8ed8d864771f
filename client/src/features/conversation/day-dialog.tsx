import { useEffect, useRef, useState } from "react";

import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { localDate } from "./dates.ts";

export interface DayDialogProps {
  chatId: string;
  /** The day to begin with, and the days there are: moments, in milliseconds since the epoch. */
  at: number;
  first: number;
  last: number;
  /** Shows the message with that key. */
  onJump: (key: string) => void;
  onClose: () => void;
}

/** The beginning of a day as `<input type="date">` writes it, here; null: it is not one. */
function startOf(day: string): number | null {
  const [year, month, date] = day.split("-").map(Number);
  return year && month && date ? new Date(year, month - 1, date).getTime() : null;
}

/** Goes to a day of the conversation. */
export function DayDialog({ chatId, at, first, last, onJump, onClose }: DayDialogProps) {
  const t = useT();
  const services = useServices();
  const [day, setDay] = useState(() => localDate(at));
  const [fetching, setFetching] = useState(false);
  const { busy, problem, run } = useAction();
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start = startOf(day);

  const go = (since: number): void =>
    void run(async () => {
      const stop = new AbortController();
      running.current = stop;
      setFetching(false);
      const desk = await services.local.open();
      const key = await desk.day(chatId, since, () => setFetching(true), stop.signal);
      if (stop.signal.aborted) return;
      onClose();
      if (key !== null) onJump(key);
    });

  return (
    <Dialog
      open
      onClose={onClose}
      title={t("conversation.toDay")}
      closeLabel={t("common.close")}
      footer={
        <>
          <Button look="quiet" onClick={busy ? () => running.current?.abort() : onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" form="day" disabled={start === null} busy={busy}>
            {t("conversation.dayShow")}
          </Button>
        </>
      }
    >
      <form
        id="day"
        className="flex flex-col gap-3 px-6 pt-1 pb-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (start !== null) go(start);
        }}
      >
        <TextField
          type="date"
          label={t("conversation.day")}
          hint={t("conversation.dayHint")}
          value={day}
          min={localDate(first)}
          max={localDate(last)}
          required
          onChange={(event) => setDay(event.target.value)}
        />
        <div>
          <Button look="soft" size="sm" disabled={busy} onClick={() => go(first)}>
            {t("conversation.dayFirst")}
          </Button>
        </div>
        <p role="status" className="min-h-5 text-sm text-ink-soft empty:hidden">
          {busy && fetching && t("conversation.older")}
        </p>
        {problem && <Trouble>{problem}</Trouble>}
      </form>
    </Dialog>
  );
}
