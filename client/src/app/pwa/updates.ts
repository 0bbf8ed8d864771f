// New versions of the app. The worker fetches one beside the one that runs and waits; the person says when, and then
// every tab saves what is half written and loads the new one.

import { saveAll } from "@/hooks/leaving.ts";
import { Cell, type Live } from "@/core/live.ts";

/** What is used of `navigator.serviceWorker`. */
export type Workers = Pick<ServiceWorkerContainer, "controller" | "register" | "addEventListener">;

/** "ready": a newer version is here and waits. "applying": it takes over now. */
export type UpdateState = "none" | "ready" | "applying";

export interface UpdatesOptions {
  workers: Workers;
  url: string;
  reload: () => void;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
}

/** Milliseconds between looks for a new version, at most so often; without an occasion, every hour. */
const LOOK = 10 * 60_000;
const HOUR = 60 * 60_000;
/** Milliseconds that a worker may take to take over, until the page is loaded anew without it. */
const PATIENCE = 5_000;

export class Updates {
  readonly state: Live<UpdateState>;
  readonly #state = new Cell<UpdateState>("none");
  readonly #options: UpdatesOptions;
  readonly #now: () => number;
  #registration: ServiceWorkerRegistration | null = null;
  #controlled: boolean;
  #lookedAt = -Infinity;
  #leaving = false;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.state = this.#state;
    this.#controlled = options.workers.controller !== null;
    options.workers.addEventListener("controllerchange", () => this.#changed());
  }

  /** Registers the worker. Without one everything works but opening without a network; so a failure is not told. */
  async start(): Promise<void> {
    try {
      // The server says `no-cache`; a proxy that does not listen shall not hold a version back either.
      const registration = await this.#options.workers.register(this.#options.url, { scope: "/", updateViaCache: "none" });
      this.#registration = registration;
      this.#lookedAt = this.#now();
      if (registration.waiting) this.#ready();
      registration.addEventListener("updatefound", () => this.#watch(registration.installing));
      this.#watch(registration.installing);
      setInterval(() => void this.look(), HOUR);
    } catch {
      // Switched off, or the server cannot be reached: the next visit tries again.
    }
  }

  /** Asks the server whether there is a newer version, unless that was asked a moment ago. */
  async look(): Promise<void> {
    if (!this.#registration || this.#now() - this.#lookedAt < LOOK) return;
    this.#lookedAt = this.#now();
    await this.#update();
  }

  /** Changes to the version that waits, or to what the server has now; the page is loaded anew in any case. */
  async apply(): Promise<void> {
    if (this.#state.get() === "applying") return;
    const had = this.#state.get();
    this.#state.set("applying");
    if (had !== "ready") await this.#update();
    const next = this.#registration?.waiting ?? (await installed(this.#registration?.installing ?? null));
    if (!next) return this.#leave();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no target origin
    next.postMessage({ t: "take-over" });
    setTimeout(() => void this.#leave(), PATIENCE);
  }

  async #update(): Promise<void> {
    try {
      await this.#registration?.update();
    } catch {
      // No network: the next occasion asks again.
    }
  }

  #watch(worker: ServiceWorker | null): void {
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && this.#controlled) this.#ready();
      // It answers every page from then on, as a rule.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no target origin
      if (worker.state === "activated" && !this.#options.workers.controller) worker.postMessage({ t: "claim" });
    });
  }

  #ready(): void {
    if (this.#controlled && this.#state.get() === "none") this.#state.set("ready");
  }

  /** Another worker answers this page's requests from now on: the first one, or that of a new version. */
  #changed(): void {
    const first = !this.#controlled;
    this.#controlled = true;
    if (!first || this.#state.get() === "applying") void this.#leave();
  }

  async #leave(): Promise<void> {
    if (this.#leaving) return;
    this.#leaving = true;
    await saveAll();
    this.#options.reload();
  }
}

/** The worker once it has everything; null when it failed, or there is none. */
function installed(worker: ServiceWorker | null): Promise<ServiceWorker | null> {
  return new Promise((resolve) => {
    if (!worker) return resolve(null);
    worker.addEventListener("statechange", () => {
      if (worker.state === "installed") resolve(worker);
      else if (worker.state === "redundant") resolve(null);
    });
  });
}
