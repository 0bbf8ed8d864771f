// One tab leads: it holds the one socket and writes what the server tells. The Web Lock goes to the next tab by itself
// when the leader closes or crashes.

import type { Locks } from "./environment.ts";

/** The name of the one lock: who holds it writes what the server tells, and sends. */
export const leaderLock = (userId: string): string => `batiyoun-leader-${userId}`;

export class Election {
  readonly #locks: Locks | null;
  readonly #name: string;
  readonly #lead: () => () => void;
  readonly #stop = new AbortController();
  #inLine = new AbortController();
  #stealing = false;
  #leading: (() => void) | null = null;

  /** `lead` begins leading and returns how to stop; it is called again whenever this tab becomes the leader. */
  constructor(locks: Locks | null, name: string, lead: () => () => void) {
    this.#locks = locks;
    this.#name = name;
    this.#lead = lead;
  }

  get leads(): boolean {
    return this.#leading !== null;
  }

  /** Stand in line. */
  start(): void {
    if (this.#locks) void this.#run(this.#locks);
    else this.#begin();
  }

  /** Take the lead from a tab that does not answer (a frozen one keeps its lock). */
  steal(): void {
    if (!this.#locks || this.leads || this.#stealing) return;
    this.#stealing = true;
    this.#inLine.abort();
  }

  stop(): void {
    this.#stop.abort();
    this.#inLine.abort();
    this.#end();
  }

  #begin(): void {
    if (!this.#stop.signal.aborted) this.#leading ??= this.#lead();
  }

  #end(): void {
    const stop = this.#leading;
    this.#leading = null;
    stop?.();
  }

  async #run(locks: Locks): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#inLine = new AbortController();
      let held = false;
      try {
        await locks.request(this.#name, this.#stealing ? { steal: true } : { signal: this.#inLine.signal }, async () => {
          held = true;
          this.#stealing = false;
          this.#begin();
          await aborted(this.#stop.signal);
        });
      } catch (error) {
        // Stopped, or about to steal, or stolen from: go on accordingly. Anything else means that there are no locks here.
        if (!held && !this.#inLine.signal.aborted) {
          this.#begin();
          throw error;
        }
      }
      this.#end();
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
