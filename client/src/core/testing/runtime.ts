// Time that a test moves.

import type { Runtime } from "../runtime.ts";

export class FakeRuntime implements Runtime {
  #now = 0;
  #ids = 0;
  #timers: { at: number; run: () => void }[] = [];
  /** What `random` answers. */
  chance = 0;

  now = (): number => this.#now;
  random = (): number => this.chance;

  newId = (): string => {
    this.#ids += 1;
    return `id-${this.#ids}`;
  };

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  /** Lets `ms` milliseconds pass; what is due runs in its order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.toSorted((one, other) => one.at - other.at);
      if (!next || next.at > end) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }

  /** When the next timer is due, or null. */
  get nextAt(): number | null {
    return this.#timers.length > 0 ? Math.min(...this.#timers.map((timer) => timer.at)) : null;
  }
}
