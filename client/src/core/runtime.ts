// Clock, chance and timers as arguments, so that tests decide them (style rule 8).

export interface Runtime {
  /** Wall time in milliseconds since the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** A new unique id (UUIDv7). */
  newId(): string;
  /** Calls `run` once after `ms`; returns how to stop it. */
  after(ms: number, run: () => void): () => void;
}

export const systemRuntime: Runtime = {
  now: () => Date.now(),
  random: () => Math.random(),
  newId: () => uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * A UUIDv7 (RFC 9562 §5.7): 48 bits of time, then chance. Ids that are made together sort together, so the server's
 * index of clientIds grows at its end; with random ones every message would touch a page of its own.
 */
export function uuid7(millis: number, chance: Uint8Array): string {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, millis / 2 ** 32);
  view.setUint32(2, millis % 2 ** 32);
  bytes.set(chance.subarray(0, 10), 6);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f)); // version
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f)); // variant
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * How long to wait before attempt number `attempt` (from 1): doubles from `base` to at most `cap` milliseconds, and then
 * a random half to whole of it, so that many clients do not come back at once after a restart of the server.
 */
export function backoff(attempt: number, random: number, base = 1_000, cap = 60_000): number {
  const whole = Math.min(cap, base * 2 ** Math.min(attempt - 1, 16));
  return Math.round(whole / 2 + (whole / 2) * random);
}
