// Something that only the server knows, for a page that shows it while it is open.

import { useEffect, useRef, useState } from "react";

import { useProblem } from "./problem.ts";

export interface Resource<T> {
  /** undefined: not here yet. */
  value: T | undefined;
  /** Why it is not here, or not newer. */
  problem: string | null;
  /** Asks again; what is here stays until the answer comes. */
  reload: () => void;
  /** What changed is known already. */
  set: (change: (value: T) => T) => void;
}

/** Loads when the page opens. `load` may be another function in every render; `attempt` counts from 0. */
export function useResource<T>(load: (attempt: number) => Promise<T>): Resource<T> {
  const say = useProblem();
  const [value, setValue] = useState<T>();
  const [failure, setFailure] = useState<{ error: unknown } | null>(null);
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(load);
  useEffect(() => void (latest.current = load));

  useEffect(() => {
    // An older answer that comes late says nothing any more, and of a page that is closed nobody wants to hear.
    let current = true;
    const ask = async (): Promise<void> => {
      try {
        const answer = await latest.current(attempt);
        if (current) setValue(answer);
      } catch (error) {
        if (current) setFailure({ error });
      }
    };
    void ask();
    return () => void (current = false);
  }, [attempt]);

  const reload = (): void => {
    setFailure(null);
    setAttempt((count) => count + 1);
  };
  const set = (change: (value: T) => T): void => setValue((now) => (now === undefined ? now : change(now)));
  return { value, problem: failure && say(failure.error), reload, set };
}
