// The REST edge: one call, one validated answer or one ApiError.

import * as v from "valibot";

import { operations, parse } from "../contracts/index.ts";
import { ApiError } from "../errors.ts";

export type Operation = keyof typeof operations;
type Answer<O extends Operation> = (typeof operations)[O] extends infer S extends v.GenericSchema ? v.InferOutput<S> : null;

export interface HttpOptions {
  /** Before "/api/…"; empty in the browser, where page and server have one origin. */
  base: string;
  fetch: typeof fetch;
  /** Told of every 401 that is not a wrong password: the session is over. */
  unauthenticated?: () => void;
}

export interface CallOptions {
  /** Fills `{name}` in the operation's path. */
  path?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  signal?: AbortSignal;
  /** Milliseconds until `timeout`. */
  timeout?: number;
}

/** A page of another site cannot send this header without asking first (CSRF). */
const HEADERS = { accept: "application/json", "x-requested-with": "batiyoun" };
const TIMEOUT = 20_000;

/** RFC 9457 problem details with our members; whatever else a proxy answers fails this and is told by its status. */
const Problem = v.object({
  code: v.string(),
  detail: v.nullish(v.string()),
  title: v.nullish(v.string()),
  retryable: v.optional(v.boolean(), false),
  retryAfter: v.nullish(v.number()),
  fields: v.optional(v.record(v.string(), v.string()), {}),
});

/** The error of an answer that is not 2xx. `body` is the parsed JSON, or undefined when there was none. */
export function errorOf(status: number, body: unknown, retryAfterHeader: string | null): ApiError {
  const seconds = retryAfterHeader !== null && /^\d+$/.test(retryAfterHeader) ? Number(retryAfterHeader) : null;
  const problem = v.safeParse(Problem, body);
  if (problem.success) {
    const { code, detail, title, retryable, retryAfter, fields } = problem.output;
    return new ApiError({
      code,
      message: detail ?? title ?? code,
      retryable,
      retryAfter: retryAfter ?? seconds,
      fields,
      status,
    });
  }
  // Not from our server: a proxy in between. Only a clear "no" is final.
  const unknown = status >= 500 || status === 408;
  return new ApiError({
    code: status === 401 ? "unauthenticated" : status === 429 ? "rate_limited" : unknown ? "unavailable" : "refused",
    message: `The server could not do this (${status}). Try again in a moment.`,
    retryable: unknown,
    retryAfter: seconds,
    status,
  });
}

export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /**
   * Calls an operation of the contract. Rejects with `ApiError`, or with the signal's reason when `signal` stopped it.
   */
  async call<O extends Operation>(operation: O, options: CallOptions = {}): Promise<Answer<O>> {
    const response = await this.#fetch(operation, options);
    const body = await bodyOf(response);
    if (!response.ok) {
      const error = errorOf(response.status, body, response.headers.get("retry-after"));
      if (error.status === 401 && error.code !== "invalid_login") this.#options.unauthenticated?.();
      throw error;
    }
    const schema: v.GenericSchema | null = operations[operation];
    // The map's type says which validator belongs to the operation; TypeScript cannot follow it through the lookup.
    return (schema ? parse(schema, body, operation) : null) as Answer<O>;
  }

  async #fetch(operation: Operation, options: CallOptions): Promise<Response> {
    const timeout = AbortSignal.timeout(options.timeout ?? TIMEOUT);
    const { signal } = options;
    try {
      return await this.#options.fetch(this.#options.base + pathOf(operation, options), {
        method: operation.slice(0, operation.indexOf(" ")),
        headers: options.body === undefined ? HEADERS : { ...HEADERS, "content-type": "application/json" },
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw ApiError.local(timeout.aborted ? "timeout" : "offline", error);
    }
  }
}

function pathOf(operation: Operation, { path = {}, query = {} }: CallOptions): string {
  const filled = operation.slice(operation.indexOf(" ") + 1).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name];
    if (value === undefined) throw new TypeError(`${operation} needs ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size > 0 ? `${filled}?${search}` : filled;
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    const text = await response.text();
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  } catch (error) {
    // A cut connection and a page of a proxy alike: what the server did is unknown when it said yes.
    if (response.ok) throw ApiError.local("bad_answer", error);
    return undefined;
  }
}
