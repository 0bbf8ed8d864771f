// A value that changes, in the shape that React's `useSyncExternalStore` and a plain worker both can use.

/** A readable value that tells when it changed. `get()` returns the same reference until then. */
export interface Live<T> {
  get(): T;
  /** Calls `changed` after every change; returns how to stop. A live query reads the database only while somebody listens. */
  subscribe(changed: () => void): () => void;
}

/** A `Live` that its owner sets. */
export class Cell<T> implements Live<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get = (): T => this.#value;

  subscribe = (changed: () => void): (() => void) => {
    // A wrapper, so that the same function may listen twice.
    const listener = (): void => changed();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Tells the listeners unless the value is the same reference. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }
}

/** A `Live` that never changes. */
export const constant = <T>(value: T): Live<T> => ({ get: () => value, subscribe: () => () => {} });

/** A `Live` whose code is fetched when somebody listens; `undefined` until then. A failed fetch is tried with the next listener. */
export function fetched<T>(load: () => Promise<Live<T | undefined>>): Live<T | undefined> {
  let inner: Live<T | undefined> | null = null;
  return {
    get: () => inner?.get(),
    subscribe: (changed) => {
      let stop: (() => void) | null = null;
      let over = false;
      const begin = (live: Live<T | undefined>): void => {
        inner ??= live;
        if (!over) stop = inner.subscribe(changed);
      };
      if (inner) begin(inner);
      // What could not be fetched says nothing: no network, or the database was closed meanwhile.
      else load().then(begin, () => {});
      return () => {
        over = true;
        stop?.();
      };
    },
  };
}

/** A `Live` computed from another; `compute` runs once per change. */
export function derived<A, B>(source: Live<A>, compute: (value: A) => B): Live<B> {
  let last: { from: A; value: B } | null = null;
  return {
    get: () => {
      const from = source.get();
      if (!last || !Object.is(last.from, from)) last = { from, value: compute(from) };
      return last.value;
    },
    subscribe: (changed) => source.subscribe(changed),
  };
}

/** Resolves when the value satisfies `test`, now or later. */
export function until<T>(live: Live<T>, test: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    if (test(live.get())) return resolve(live.get());
    const stop = live.subscribe(() => {
      if (!test(live.get())) return;
      stop();
      resolve(live.get());
    });
  });
}
