import { useState, type ReactNode } from "react";

import { useAction } from "@/hooks/action.ts";
import { useT } from "@/i18n/index.ts";
import { Confirm } from "@/ui/confirm.tsx";

/** A question before something that cannot be taken back. */
export interface Question {
  title: string;
  text: string;
  /** A verb. */
  confirm: string;
  work: () => Promise<unknown>;
}

/** Asks, does it when the person agrees, and stays with what went wrong. Returns how to ask, and the window. */
export function useAsk(): { ask: (question: Question) => void; window: ReactNode } {
  const t = useT();
  const { busy, problem, run, clear } = useAction();
  const [question, setQuestion] = useState<Question | null>(null);
  const [open, setOpen] = useState(false);

  const confirm = async (): Promise<void> => {
    if (question && (await run(question.work))) setOpen(false);
  };

  return {
    ask: (next) => {
      clear();
      setQuestion(next);
      setOpen(true);
    },
    window: question && (
      <Confirm
        open={open}
        title={question.title}
        text={question.text}
        confirmLabel={question.confirm}
        cancelLabel={t("common.cancel")}
        danger
        busy={busy}
        problem={problem}
        onConfirm={() => void confirm()}
        onCancel={() => setOpen(false)}
      />
    ),
  };
}
