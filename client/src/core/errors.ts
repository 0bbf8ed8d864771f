// The one error type that core shows to the outside.

export interface ApiErrorInit {
  /** The server's code (batiyoun/errors.py) or one of `LocalCode`. */
  code: string;
  /** A sentence for the person: what happened and what to do. */
  message: string;
  /** True: the outcome is unknown, do the same again. False: it was never done. */
  retryable?: boolean;
  /** Seconds to wait before trying again. */
  retryAfter?: number | null;
  /** Field name → what is wrong with it, for forms. */
  fields?: Record<string, string>;
  /** Of `step_up_required`: how the person may prove once more who they are. */
  methods?: readonly string[];
  /** HTTP status, or 0 when there was none. */
  status?: number;
  cause?: unknown;
}

/** What the client itself can find wrong, beside the server's codes. */
export type LocalCode =
  /** No answer: no network, or the server is away. */
  | "offline"
  /** No answer in time. */
  | "timeout"
  /** The answer was not what the contract says. */
  | "bad_answer"
  /** The person changed their mind; nothing happened, and nothing needs to be said. */
  | "cancelled"
  /** The authenticator holds a passkey of this account already. */
  | "passkey_known"
  /** The person said no, or nothing, to the browser. */
  | "passkey_unused"
  /** The browser or the authenticator could not do it. */
  | "passkey_failed"
  | "unauthenticated"
  | "not_found"
  | "too_long"
  | "empty";

const SENTENCES: Record<LocalCode, string> = {
  offline: "The server cannot be reached. Check your connection and try again.",
  timeout: "The server took too long to answer. Try again.",
  bad_answer: "The server answered in a way this app does not understand. Reload the app and try again.",
  cancelled: "You did not go on, so nothing was changed.",
  passkey_known: "This device has a passkey for your account already.",
  passkey_unused: "No passkey was used. Try again, or choose another way.",
  passkey_failed: "That did not work with a passkey here. Try again, or choose another way.",
  unauthenticated: "You are not signed in. Sign in and try again.",
  not_found: "There is nothing here any more.",
  too_long: "The message is longer than 5,000 characters. Send it in parts.",
  empty: "The message is empty. Write something first.",
};

/** Something did not work and the person can be told why. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfter: number | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly methods: readonly string[];
  readonly status: number;

  constructor(init: ApiErrorInit) {
    super(init.message, { cause: init.cause });
    this.code = init.code;
    this.retryable = init.retryable ?? false;
    this.retryAfter = init.retryAfter ?? null;
    this.fields = init.fields ?? {};
    this.methods = init.methods ?? [];
    this.status = init.status ?? 0;
  }

  /** What the client found by itself. Without an answer the outcome is unknown. */
  static local(code: LocalCode, cause?: unknown): ApiError {
    const retryable = code === "offline" || code === "timeout" || code === "bad_answer";
    return new ApiError({ code, message: SENTENCES[code], retryable, cause });
  }
}

/** The error as an `ApiError`; anything unexpected becomes `internal` and keeps its cause. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({ code: "internal", message: "Something went wrong in this app. Try again.", cause: error });
}
