// What the server does only for somebody who proved lately who they are: the request waits while the person is asked.

import { Cell } from "./live.ts";
import type { ProofMethod, StepUpService } from "./services.ts";

const METHODS: ReadonlySet<string> = new Set<ProofMethod>(["password", "totp", "passkey", "code"]);
const isMethod = (method: string): method is ProofMethod => METHODS.has(method);

export class StepUp implements StepUpService {
  readonly wanted = new Cell<readonly ProofMethod[] | null>(null);
  #waiting: ((proved: boolean) => void)[] = [];

  /** Resolves to whether the person proved who they are. Requests that come while they are asked share the answer. */
  ask(methods: readonly string[]): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      // A method of a newer server is none that we can ask for.
      if (this.wanted.get() === null) this.wanted.set(methods.filter(isMethod));
    });
  }

  answer(proved: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.wanted.set(null);
    for (const resolve of waiting) resolve(proved);
  }
}
