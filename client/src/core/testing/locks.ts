// The Web Locks API, as far as it is used, for Node. Exclusive locks in order of asking; `signal`, `steal` and `ifAvailable`.

interface Request {
  grant: () => void;
  refuse: (reason: unknown) => void;
}

/** One browser's locks: the tabs of a test share an object of this. */
export class FakeLocks {
  readonly #held = new Map<string, Request>();
  readonly #waiting = new Map<string, Request[]>();

  request = ((name: string, options: LockOptions, run: (lock: Lock | null) => unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const request: Request = {
        refuse: reject,
        grant: () => {
          this.#held.set(name, request);
          Promise.resolve(run({ name, mode: "exclusive" }))
            .then(resolve, reject)
            .finally(() => this.#release(name, request));
        },
      };
      if (options.steal) {
        this.#held.get(name)?.refuse(new DOMException("stolen", "AbortError"));
        request.grant();
        return;
      }
      if (options.ifAvailable && this.#held.has(name)) {
        Promise.resolve(run(null)).then(resolve, reject);
        return;
      }
      if (options.signal?.aborted) return reject(options.signal.reason);
      options.signal?.addEventListener("abort", () => this.#leave(name, request, options.signal?.reason));
      if (this.#held.has(name)) this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), request]);
      else request.grant();
    })) as LockManager["request"];

  /** Whoever holds a lock was killed: the next ones get them. */
  abandon(): void {
    for (const [name, request] of this.#held) this.#release(name, request);
  }

  #leave(name: string, request: Request, reason: unknown): void {
    const waiting = this.#waiting.get(name) ?? [];
    if (!waiting.includes(request)) return;
    this.#waiting.set(name, waiting.filter((each) => each !== request));
    request.refuse(reason);
  }

  #release(name: string, request: Request): void {
    if (this.#held.get(name) !== request) return;
    this.#held.delete(name);
    const [next, ...rest] = this.#waiting.get(name) ?? [];
    this.#waiting.set(name, rest);
    next?.grant();
  }
}
