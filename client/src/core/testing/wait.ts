// Waiting in tests for what comes over a real network: by being told of changes, not by sleeping.

import type { Live } from "../live.ts";

/** The value as soon as `test` holds for it. Rejects after `within` milliseconds, saying what it was instead. */
export function eventually<T>(live: Live<T>, test: (value: T) => boolean, within = 20_000): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!test(live.get())) return;
      finish();
      resolve(live.get());
    };
    const stop = live.subscribe(look);
    const timer = setTimeout(() => {
      finish();
      // The end of a list says more than its beginning.
      reject(new Error(`it stayed … ${JSON.stringify(live.get())?.slice(-600)}`));
    }, within);
    const finish = (): void => {
      stop();
      clearTimeout(timer);
    };
    look();
  });
}
