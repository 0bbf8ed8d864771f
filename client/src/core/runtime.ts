// Clock, chance and timers as arguments, so that tests decide them (style rule 8).

export interface Runtime {
  /** Wall time in milliseconds since the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** A new unique id (UUID). */
  newId(): string;
  /** Calls `run` once after `ms`; returns how to stop it. */
  after(ms: number, run: () => void): () => void;
}

export const systemRuntime: Runtime = {
  now: () => Date.now(),
  random: () => Math.random(),
  newId: () => crypto.randomUUID(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * How long to wait before attempt number `attempt` (from 1): doubles from `base` to at most `cap` milliseconds, and then
 * a random half to whole of it, so that many clients do not come back at once after a restart of the server.
 */
export function backoff(attempt: number, random: number, base = 1_000, cap = 60_000): number {
  const whole = Math.min(cap, base * 2 ** Math.min(attempt - 1, 16));
  return Math.round(whole / 2 + (whole / 2) * random);
}
