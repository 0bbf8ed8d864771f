// The one error type that core shows to the outside.

/** What the client itself can find wrong, beside the server's codes (batiyoun/errors.py). */
export type LocalCode =
  /** No answer: no network, or the server is away. */
  | "offline"
  /** No answer in time. */
  | "timeout"
  /** The answer was not what the contract says. */
  | "bad_answer"
  | "unauthenticated"
  | "not_found"
  | "too_long"
  | "empty";

export interface ApiErrorInit {
  code: string;
  /** A sentence for the person: what happened and what to do. */
  message: string;
  /** True: the outcome is unknown, do the same again. False: it was never done. */
  retryable?: boolean;
  /** Seconds to wait before trying again. */
  retryAfter?: number | null;
  /** Field name → what is wrong with it, for forms. */
  fields?: Record<string, string>;
  /** HTTP status, or 0 when there was none. */
  status?: number;
  cause?: unknown;
}

/** Something did not work and the person can be told why. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfter: number | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly status: number;

  constructor(init: ApiErrorInit) {
    super(init.message, { cause: init.cause });
    this.code = init.code;
    this.retryable = init.retryable ?? false;
    this.retryAfter = init.retryAfter ?? null;
    this.fields = init.fields ?? {};
    this.status = init.status ?? 0;
  }
}
