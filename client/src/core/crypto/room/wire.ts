// Calls between the page and the worker: every call gets its answer or its error, in whatever order they come.

import { Dexie } from "dexie";

import { Deposed } from "../../db/ingest.ts";
import { isClosed } from "../../db/live-query.ts";
import { ApiError } from "../../errors.ts";

/** One end of a channel that clones what goes through it: a worker, or a MessagePort. */
export interface Port {
  post(message: unknown): void;
  /** Called once, by whoever uses this end. `lost`: the other end is gone, or never came. */
  listen(heard: (message: unknown) => void, lost: (reason: unknown) => void): void;
  /** The other end is ended, in the middle of whatever it does. */
  close(): void;
}

/** What one end does for the other: plain data in, plain data out. */
// oxlint-disable-next-line typescript/no-explicit-any -- parameters are contravariant: any other type would refuse every function
export type Services = Record<string, (...given: any[]) => unknown>;

type Message =
  | { t: "call"; id: number; name: string; given: unknown[] }
  | { t: "answer"; id: number; value: unknown }
  | { t: "error"; id: number; error: Carried };

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** Calls `Theirs` at the other end, and answers for `ours`. */
export class Wire<Theirs extends Services> {
  readonly #port: Port;
  readonly #ours: Services;
  readonly #waiting = new Map<number, Waiting>();
  /** What is being done for the other end. */
  readonly #doing = new Set<Promise<void>>();
  #calls = 0;
  #over = false;
  /** Something was heard from the other end. */
  heard: () => void = () => {};

  constructor(port: Port, ours: Services, lost: (reason: unknown) => void) {
    this.#port = port;
    this.#ours = ours;
    port.listen(
      // Both ends are of one build: nobody else can speak here.
      (message) => this.#receive(message as Message),
      lost,
    );
  }

  /** Whether an answer is waited for. */
  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  /** Rejects with what the other end threw, as far as that can travel, and as `end` says. */
  call<Name extends keyof Theirs & string>(
    name: Name,
    ...given: Parameters<Theirs[Name]>
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    return new Promise((resolve, reject) => {
      if (this.#over) return;
      this.#calls += 1;
      this.#waiting.set(this.#calls, { resolve: resolve as Waiting["resolve"], reject });
      this.#port.post({ t: "call", id: this.#calls, name, given } satisfies Message);
    });
  }

  /** Ends the other end. What waited for it rejects so; without a reason it waits for ever, and so do later calls. */
  async end(reason?: unknown): Promise<void> {
    this.#over = true;
    this.#port.close();
    // What it asked for is done first: whoever begins again must find it done.
    await Promise.all(this.#doing);
    if (reason !== undefined) for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  #receive(message: Message): void {
    if (this.#over) return;
    this.heard();
    if (message.t === "call") {
      const doing = this.#answer(message).finally(() => this.#doing.delete(doing));
      this.#doing.add(doing);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.t === "answer") waiting?.resolve(message.value);
    else waiting?.reject(uncarried(message.error));
  }

  async #answer({ id, name, given }: Extract<Message, { t: "call" }>): Promise<void> {
    let answer: Message;
    try {
      const run = this.#ours[name];
      if (!run) throw new TypeError(`there is no ${name} here`);
      answer = { t: "answer", id, value: await run(...given) };
    } catch (error) {
      answer = { t: "error", id, error: carried(error) };
    }
    if (!this.#over) this.#port.post(answer);
  }
}

// ── errors ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An error as plain data. Cloning would keep the message of an `ApiError` and nothing else. */
type Carried =
  | { kind: "api"; init: ConstructorParameters<typeof ApiError>[0] }
  | { kind: "deposed" }
  | { kind: "closed" }
  | { kind: "other"; name: string; message: string; stack: string | undefined };

function carried(error: unknown): Carried {
  if (error instanceof ApiError) {
    const { code, message, retryable, retryAfter, fields, methods, status } = error;
    return { kind: "api", init: { code, message, retryable, retryAfter, fields: { ...fields }, methods: [...methods], status } };
  }
  if (error instanceof Deposed) return { kind: "deposed" };
  if (isClosed(error)) return { kind: "closed" };
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: "other", name, message, stack };
}

function uncarried(error: Carried): Error {
  switch (error.kind) {
    case "api":
      return new ApiError(error.init);
    case "deposed":
      return new Deposed();
    case "closed":
      return new Dexie.DatabaseClosedError();
    case "other": {
      const { name, message, stack } = error;
      return Object.assign(new Error(message), { name, ...(stack ? { stack } : {}) });
    }
  }
}
