import { useEffect, useRef, useState } from "react";

import { asApiError } from "@/core/errors.ts";
import { useT, type Translate } from "@/i18n/index.ts";

import { useProblem } from "./problem.ts";

/** A form that is sent: what `ui/form.tsx` shows, and what belongs to single fields. */
export interface Submit {
  busy: boolean;
  /** What went wrong as a whole; null: nothing, or it belongs to a field. */
  problem: string | null;
  /** Field name → what the server says of it. */
  fields: Readonly<Record<string, string>>;
  /** The server wants to hear nothing of this for a while. */
  waiting: boolean;
  run: () => Promise<void>;
  /** The person changes a field: what was said of it does not hold any more. */
  changed: (field: string) => void;
}

/** Runs `action` once at a time and keeps what went wrong; a code in `owners` belongs to that field. */
export function useSubmit(action: () => Promise<void>, owners: Readonly<Record<string, string>> = {}): Submit {
  const t = useT();
  const say = useProblem();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [fields, setFields] = useState<Record<string, string>>({});
  const [wait, setWait] = useState<number | null>(null);
  const running = useRef(false);

  useEffect(() => {
    if (wait === null) return;
    const timer = setTimeout(() => setWait(null), wait * 1_000);
    return () => clearTimeout(timer);
  }, [wait]);

  const run = async (): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setProblem(null);
    setFields({});
    try {
      await action();
    } catch (thrown) {
      const error = asApiError(thrown);
      const owner = owners[error.code];
      if (error.code === "cancelled") return;
      if (owner) setFields({ [owner]: say(error) });
      else if (Object.keys(error.fields).length > 0) setFields(error.fields);
      else if (error.code === "rate_limited" && error.retryAfter) setWait(Math.ceil(error.retryAfter));
      else setProblem(say(error));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  return {
    busy,
    problem: wait === null ? problem : waitSentence(t, wait),
    fields,
    waiting: wait !== null,
    run,
    changed: (field) => {
      setProblem(null);
      setFields(({ [field]: _gone, ...others }) => others);
    },
  };
}

const waitSentence = (t: Translate, seconds: number): string =>
  seconds < 90 ? t("forms.waitSeconds", { count: seconds }) : t("forms.waitMinutes", { count: Math.ceil(seconds / 60) });
