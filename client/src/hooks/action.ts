// Something that a press starts, that takes a moment and may go wrong.

import { useCallback, useEffect, useRef, useState } from "react";

import { ApiError } from "@/core/errors.ts";

import { useProblem } from "./problem.ts";

export interface Action {
  busy: boolean;
  /** What went wrong, for the person; null again with the next attempt. */
  problem: string | null;
  /** Runs the work unless some is running; resolves to whether it went well. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
  /** Forgets what went wrong. */
  clear: () => void;
}

/** One thing at a time, with its trouble told in the person's language. */
export function useAction(): Action {
  const say = useProblem();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<{ error: unknown } | null>(null);
  const running = useRef(false);
  const mounted = useRef(false);
  useEffect(() => {
    mounted.current = true;
    return () => void (mounted.current = false);
  }, []);

  const run = useCallback(async (work: () => Promise<unknown>): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setFailure(null);
    try {
      await work();
      return true;
    } catch (error) {
      // Whoever changed their mind needs no explanation.
      const cancelled = error instanceof ApiError && error.code === "cancelled";
      if (mounted.current && !cancelled) setFailure({ error });
      return false;
    } finally {
      running.current = false;
      if (mounted.current) setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setFailure(null), []);

  return { busy, problem: failure ? say(failure.error) : null, run, clear };
}
