// Things that are made once, although asking for them may fail in the middle.

import { ApiError } from "../errors.ts";

/**
 * Gives a wish an id. Until it is known what became of the wish, the same wish has the same id: the server then finds
 * what it made instead of making it again.
 */
export class Once {
  readonly #newId: () => string;
  readonly #open = new Map<string, string>();

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** Asks with the wish's id. `wish` is what makes two wishes the same. */
  async ask<T>(wish: readonly string[], ask: (id: string) => Promise<T>): Promise<T> {
    const key = JSON.stringify(wish);
    const id = this.#open.get(key) ?? this.#newId();
    this.#open.set(key, id);
    try {
      const answer = await ask(id);
      this.#open.delete(key);
      return answer;
    } catch (error) {
      // A clear no: the next wish is another one.
      if (error instanceof ApiError && !error.retryable) this.#open.delete(key);
      throw error;
    }
  }
}
