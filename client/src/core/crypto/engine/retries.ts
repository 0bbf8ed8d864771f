// Chats whose groups could not be looked after the first time: again, with more and more patience, and not forever.

import { isClosed } from "../../db/live-query.ts";
import { Deposed } from "../../db/ingest.ts";
import { backoff, type Runtime } from "../../runtime.ts";

/** After so many tries in a row something else has to happen first: a message, a reconnection, news of the chat. */
const TRIES = 10;
const FIRST = 2_000;
const LONGEST = 600_000;

export class Retries {
  readonly #runtime: Runtime;
  readonly #run: (chatId: string) => Promise<void>;
  readonly #tries = new Map<string, number>();
  readonly #timers = new Map<string, () => void>();
  #stopped = false;

  /** `run` looks after one chat, and says by `later` and `done` how it went. */
  constructor(runtime: Runtime, run: (chatId: string) => Promise<void>) {
    this.#runtime = runtime;
    this.#run = run;
  }

  /** It is as it should be, or nothing can be done about it now. */
  done(chatId: string): void {
    this.#tries.delete(chatId);
    this.#cancel(chatId);
  }

  /** Again in a while; not before `retryAfter` seconds. */
  later(chatId: string, retryAfter = 0): void {
    this.#cancel(chatId);
    const tries = (this.#tries.get(chatId) ?? 0) + 1;
    this.#tries.set(chatId, tries);
    if (this.#stopped || tries > TRIES) return;
    const wait = Math.max(backoff(tries, this.#runtime.random(), FIRST, LONGEST), retryAfter * 1_000);
    this.#timers.set(chatId, this.#runtime.after(wait, () => void this.#again(chatId)));
  }

  /** There is a reason of its own to try: what failed before does not count. */
  fresh(chatId: string): void {
    this.#tries.delete(chatId);
  }

  stop(): void {
    this.#stopped = true;
    for (const chatId of this.#timers.keys()) this.#cancel(chatId);
  }

  #cancel(chatId: string): void {
    this.#timers.get(chatId)?.();
    this.#timers.delete(chatId);
  }

  async #again(chatId: string): Promise<void> {
    this.#timers.delete(chatId);
    try {
      await this.#run(chatId);
    } catch (error) {
      if (error instanceof Deposed || isClosed(error)) this.stop();
      else reportError(error);
    }
  }
}
