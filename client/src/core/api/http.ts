// The REST edge: one call, one validated answer or one ApiError.

import * as v from "valibot";

import { parse } from "../contracts/index.ts";
import { ApiError } from "../errors.ts";
import type { Upload } from "./upload.ts";

/** What an operation answers: the output of its validator, or null where there is no body. */
export type AnswerOf<S extends v.GenericSchema | null> = S extends v.GenericSchema ? v.InferOutput<S> : null;

export interface HttpOptions {
  /** Before "/api/…"; empty in the browser, where page and server have one origin. */
  base: string;
  fetch: typeof fetch;
  /** Told of every 401 that means that the session is over. */
  unauthenticated?: (error: ApiError) => void;
  /** What the person reads, for letters that the server writes: a language tag. */
  language?: () => string;
  /**
   * Asks the person to prove once more who they are; true: they did, and the request is repeated. Without it, and when
   * it answers false, the request is `cancelled`.
   */
  stepUp?: (methods: readonly string[]) => Promise<boolean>;
}

export interface CallOptions {
  /** Fills `{name}` in the operation's path. */
  path?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  /** JSON, or a file, which is sent as it is. */
  body?: unknown;
  /** Told how much of a file has been sent, 0 to 1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
  /** Milliseconds until `timeout`. */
  timeout?: number;
}

/** How operations outside the first load are called: see `Http.send`. */
export interface Rest {
  send<S extends v.GenericSchema | null>(operation: string, schema: S, options?: CallOptions): Promise<AnswerOf<S>>;
  /** Fetches a file. */
  download(operation: string, options?: CallOptions): Promise<Blob>;
}

/** A page of another site cannot send this header without asking first (CSRF). */
const HEADERS = { accept: "application/json", "x-requested-with": "batiyoun" };
const TIMEOUT = 20_000;
/** Refusals with 401 that say nothing of the session. */
const NOT_THE_SESSION = new Set(["invalid_login", "second_factor_required", "sign_in_over"]);

/** RFC 9457 problem details with our members; whatever else a proxy answers fails this and is told by its status. */
const Problem = v.object({
  code: v.string(),
  detail: v.nullish(v.string()),
  title: v.nullish(v.string()),
  retryable: v.optional(v.boolean(), false),
  retryAfter: v.nullish(v.number()),
  fields: v.optional(v.record(v.string(), v.string()), {}),
  methods: v.optional(v.array(v.string()), []),
});

/** The error of an answer that is not 2xx. `body` is the parsed JSON, or undefined when there was none. */
export function errorOf(status: number, body: unknown, retryAfterHeader: string | null): ApiError {
  const seconds = retryAfterHeader !== null && /^\d+$/.test(retryAfterHeader) ? Number(retryAfterHeader) : null;
  const problem = v.safeParse(Problem, body);
  if (problem.success) {
    const { code, detail, title, retryable, retryAfter, fields, methods } = problem.output;
    return new ApiError({
      code,
      message: detail ?? title ?? code,
      retryable,
      retryAfter: retryAfter ?? seconds,
      fields,
      methods,
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

export class Http implements Rest {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /**
   * Calls an operation ("POST /api/…") with the validator of its good answer. Rejects with `ApiError`, or with the
   * signal's reason when `signal` stopped it.
   */
  async send<S extends v.GenericSchema | null>(
    operation: string,
    schema: S,
    options: CallOptions = {},
  ): Promise<AnswerOf<S>> {
    const body = await this.#provingIfAsked(async () => bodyOf(await this.#good(operation, options)));
    // The schema's type says what its output is; TypeScript cannot follow it through the condition.
    return (schema ? parse(schema, body, operation) : null) as AnswerOf<S>;
  }

  async download(operation: string, options: CallOptions = {}): Promise<Blob> {
    return this.#provingIfAsked(async () => {
      const response = await this.#good(operation, options);
      try {
        return await response.blob();
      } catch (error) {
        throw ApiError.local("offline", error);
      }
    });
  }

  /** The answer, when it is a good one. */
  async #good(operation: string, options: CallOptions): Promise<Response> {
    const response = await this.#fetch(operation, options);
    if (response.ok) return response;
    throw errorOf(response.status, await bodyOf(response), response.headers.get("retry-after"));
  }

  /** Does it; when the server wants proof of who asks, gets it from the person and does it again, once. */
  async #provingIfAsked<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await this.#telling(attempt);
    } catch (error) {
      const { stepUp } = this.#options;
      if (!(error instanceof ApiError) || error.code !== "step_up_required" || !stepUp) throw error;
      if (!(await stepUp(error.methods))) throw ApiError.local("cancelled", error);
      return this.#telling(attempt);
    }
  }

  async #telling<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      const over = error instanceof ApiError && error.status === 401 && !NOT_THE_SESSION.has(error.code);
      if (over) this.#options.unauthenticated?.(error);
      throw error;
    }
  }

  /** Sends a file; only a page can say how far it has come. */
  protected async upload(_file: Upload): Promise<Response> {
    throw new TypeError("files are sent by a page");
  }

  #headers(contentType: string | null): Record<string, string> {
    const language = this.#options.language?.();
    return {
      ...HEADERS,
      ...(language ? { "accept-language": language } : {}),
      ...(contentType ? { "content-type": contentType } : {}),
    };
  }

  async #fetch(operation: string, options: CallOptions): Promise<Response> {
    const { signal, body, onProgress, timeout: patience = TIMEOUT } = options;
    const method = operation.slice(0, operation.indexOf(" "));
    const url = this.#options.base + pathOf(operation, options);
    if (body instanceof Blob) {
      const headers = this.#headers(body.type);
      return this.upload({ method, url, headers, body, onProgress: onProgress ?? (() => {}), signal, timeout: patience });
    }
    const timeout = AbortSignal.timeout(patience);
    try {
      return await this.#options.fetch(url, {
        method,
        headers: this.#headers(body === undefined ? null : "application/json"),
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw ApiError.local(timeout.aborted ? "timeout" : "offline", error);
    }
  }
}

function pathOf(operation: string, { path = {}, query = {} }: CallOptions): string {
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
