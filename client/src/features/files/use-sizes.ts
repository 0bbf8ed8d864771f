// Measures what is kept, after the first paint, and again when something was cleared.

import { useCallback, useEffect, useRef, useState } from "react";

import { ApiError } from "@/core/errors.ts";
import type { ChatSize, Step } from "@/core/local/model.ts";
import { useServices } from "@/hooks/services.ts";

/** Milliseconds that nobody needs an explanation for. */
const PATIENCE = 1_000;

interface Sizes {
  sizes: readonly ChatSize[];
  /** How far it is, once that is worth telling; null: it is done, or nearly. */
  step: Step | null;
  measured: boolean;
  failed: boolean;
  again: () => void;
}

/** The chats that are here, the largest first, as far as they are measured. */
export function useSizes(): Sizes {
  const services = useServices();
  const [sizes, setSizes] = useState<ReadonlyMap<string, ChatSize>>(new Map());
  const [step, setStep] = useState<Step | null>(null);
  const [state, setState] = useState<"measuring" | "done" | "failed">("measuring");
  const [patient, setPatient] = useState(true);
  const running = useRef<AbortController | null>(null);

  const start = useCallback((): void => {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    const timer = setTimeout(() => setPatient(false), PATIENCE);
    stop.signal.addEventListener("abort", () => clearTimeout(timer));
    const measure = async (): Promise<void> => {
      const desk = await services.local.open();
      const known = new Map<string, ChatSize>();
      await desk.measure((some, now) => {
        for (const size of some) known.set(size.chatId, size);
        // What an earlier round knows stays until it is known better.
        setSizes((before) => new Map([...before, ...known]));
        setStep(now);
      }, stop.signal);
      setSizes(known);
      setState("done");
    };
    measure().catch((error: unknown) => {
      if (stop.signal.aborted || (error instanceof ApiError && error.code === "cancelled")) return;
      setState("failed");
      reportError(error);
    });
  }, [services]);
  useEffect(() => {
    start();
    return () => running.current?.abort();
  }, [start]);

  const again = useCallback(() => {
    setPatient(true);
    setState("measuring");
    start();
  }, [start]);
  return {
    sizes: [...sizes.values()].toSorted((one, other) => other.bytes - one.bytes),
    step: state === "measuring" && !patient ? step : null,
    measured: state === "done",
    failed: state === "failed",
    again,
  };
}
