// A value that changes, in the shape React's `useSyncExternalStore` and a plain worker both can use.

/** A readable value that tells when it changed. `get()` returns the same reference until then. */
export interface Live<T> {
  get(): T;
  /** Calls `changed` after every change; returns how to stop. A live query reads the database only while somebody listens. */
  subscribe(changed: () => void): () => void;
}
