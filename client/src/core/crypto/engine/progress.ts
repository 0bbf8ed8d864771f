// Waiting until more of a chat's log has been read.

import type { Runtime } from "../../runtime.ts";

export class Progress {
  readonly #runtime: Runtime;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** A piece of the chat's log was read. */
  tell(chatId: string): void {
    for (const go of this.#waiting.get(chatId) ?? []) go();
  }

  /** Resolves with the next piece, or after so many milliseconds. */
  wait(chatId: string, patience: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(chatId) ?? new Set();
      this.#waiting.set(chatId, waiting);
      const go = (): void => {
        cancel();
        waiting.delete(go);
        resolve();
      };
      const cancel = this.#runtime.after(patience, go);
      waiting.add(go);
    });
  }
}
