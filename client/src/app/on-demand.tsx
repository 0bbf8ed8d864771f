// Screens that are fetched after the first one is up: the first load stays small, and by the time somebody wants the next
// screen it is here.

import { createElement, Suspense, use, useEffect, useState, type ComponentType } from "react";

import { speakAlso, type Section } from "@/i18n/index.ts";

/** The code of a screen could not be fetched: no network, or the server has a newer version of the app by now. */
export class ScreenUnavailable extends Error {
  override readonly name = "ScreenUnavailable";

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export interface OnDemand<Props> {
  (props: Props): React.ReactNode;
  /** Fetches the code now; a failure is told when the screen is wanted. */
  preload: () => void;
}

/**
 * A component whose code `load` fetches once. Unlike `React.lazy` it renders at once when the code is here already, so
 * nothing blinks; a failed fetch goes to the error boundary, and is tried again when the screen is opened the next time.
 */
export function onDemand<Props extends object>(load: () => Promise<ComponentType<Props>>): OnDemand<Props> {
  let loaded: ComponentType<Props> | null = null;
  let loading: Promise<ComponentType<Props>> | null = null;

  const fetchOnce = async (): Promise<ComponentType<Props>> => {
    try {
      return (loaded = await load());
    } catch (cause) {
      throw new ScreenUnavailable(cause);
    }
  };
  const start = (): Promise<ComponentType<Props>> => (loading ??= fetchOnce());
  // Not as soon as it fails: React renders once more before it gives up, and would wait for a new fetch for ever.
  const forget = (): void => {
    if (!loaded) loading = null;
  };

  function Waiting(props: Props) {
    return createElement(use(start()), props);
  }
  function Screen(props: Props) {
    // Decided once: another kind of element would begin the screen anew.
    const [ready] = useState(() => loaded);
    useEffect(() => forget, []);
    if (ready) return createElement(ready, props);
    return (
      <Suspense fallback={<div className="flex-1" />}>
        <Waiting {...props} />
      </Suspense>
    );
  }
  return Object.assign(Screen, { preload: () => void start().catch(forget) });
}

/** What `load` brings, once the words that it says are here, too. */
export async function withWords<T>(load: Promise<T>, ...sections: readonly Section[]): Promise<T> {
  const [module] = await Promise.all([load, speakAlso(...sections)]);
  return module;
}

/** Calls `work` when the browser has nothing better to do. Returns how to call it off. */
export function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(work, 500);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(work, { timeout: 3_000 });
  return () => cancelIdleCallback(handle);
}
