// Signing up and in, by every way there is.

import { meOf } from "../api/api.ts";
import { millis, operations } from "../contracts/index.ts";
import type { Services } from "../services.ts";
import { callsOver, type Call } from "./calls.ts";

/** What the pages must know before anybody is signed in. */
export interface EntranceOptions {
  /** Signing up needs a ticket from `proveAddress`. */
  verifyEmail: boolean;
  delivery: Delivery;
  signup: "open" | "invitation" | "closed";
  /** With whom else one can sign in. */
  oidc?: { name: string } | null | undefined;
  /** Passkeys work at this address. */
  passkeys: boolean;
  /** Nobody is here yet: whoever signs up now owns the server. */
  firstUser: boolean;
}

/** Where codes go: to the mailbox, or to the console of a server that has no mail server. */
export type Delivery = "mail" | "console";

/** A letter is on its way. */
export interface CodeSent {
  /** In milliseconds since the epoch. */
  expiresAt: number;
  /** Seconds until another may be asked for. */
  resendAfter: number;
  delivery: Delivery;
}

export interface NewAccount {
  email: string;
  username: string;
  /** Either this … */
  password?: string;
  /** … or what the browser made of `newPasskeyOptions`. */
  credential?: unknown;
  displayName?: string;
  /** From `proveAddress`. */
  ticket?: string;
  /** The code of an invitation. */
  invite?: string;
}

/** Somebody who signs up through another provider, as that one knows them. */
export interface PendingElsewhere {
  email: string;
  /** The provider has seen that the address is theirs. */
  emailVerified: boolean;
  displayName: string;
  /** A suggestion. */
  username: string;
}

export type ElsewhereAccount = Omit<NewAccount, "email" | "password" | "credential">;

export interface UsernameCheck {
  available: boolean;
  /** Why not, for the person. */
  reason: string | null;
}

export class Entrance {
  readonly #call: Call;
  readonly #rest: Services["rest"];
  readonly #session: Services["session"];

  constructor({ rest, session }: Pick<Services, "rest" | "session">) {
    this.#call = callsOver(rest);
    this.#rest = rest;
    this.#session = session;
  }

  options(): Promise<EntranceOptions> {
    return this.#call("GET /api/auth/options");
  }

  // ── signing up ────────────────────────────────────────────────────────────────────────────────────────────────────

  async checkUsername(username: string): Promise<UsernameCheck> {
    const answer = await this.#call("GET /api/auth/check-username", { query: { username } });
    return { available: answer.available, reason: answer.reason ?? null };
  }

  /** Rejects with `username_taken`, `email_taken`, `address_unverified`, `invalid_input` (see `fields`). */
  signUp(form: NewAccount): Promise<void> {
    return this.#session.enter(async () => meOf((await this.#call("POST /api/auth/signup", { body: form })).user));
  }

  /** The ticket for `signUp` that the code is worth. Rejects with `invalid_code`. */
  async proveAddress(email: string, code: string): Promise<string | null> {
    return (await this.#call("POST /api/auth/verify-otp", { body: { email, code } })).ticket ?? null;
  }

  /** What the browser needs to make the passkey of a new account. */
  async newPasskeyOptions(who: { email: string; username: string; displayName?: string }): Promise<unknown> {
    return (await this.#call("POST /api/auth/passkeys/signup-options", { body: who })).options;
  }

  /** Who came back from the other provider and has no account yet. Rejects with `sign_in_over`. */
  async pendingElsewhere(): Promise<PendingElsewhere> {
    const pending = await this.#call("GET /api/auth/oidc/pending");
    return {
      email: pending.email,
      emailVerified: pending.emailVerified,
      displayName: pending.displayName ?? "",
      username: pending.suggestedUsername,
    };
  }

  /** As `signUp`, for them. */
  signUpElsewhere(form: ElsewhereAccount): Promise<void> {
    return this.#session.enter(async () => meOf((await this.#call("POST /api/auth/oidc/signup", { body: form })).user));
  }

  // ── signing in ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** `identifier` is an e-mail address or a username. Rejects with `invalid_login`, `second_factor_required`. */
  signIn(identifier: string, password: string): Promise<void> {
    const body = { identifier: identifier.trim(), password };
    return this.#session.enter(async () => meOf((await this.#call("POST /api/auth/login", { body })).user));
  }

  /** What the browser needs to ask for a passkey. */
  async passkeyOptions(): Promise<unknown> {
    return (await this.#call("POST /api/auth/passkeys/login-options")).options;
  }

  /** With what the browser answered to `passkeyOptions`. Rejects with `invalid_passkey`. */
  signInWithPasskey(credential: unknown): Promise<void> {
    const body = { credential };
    return this.#session.enter(async () => meOf((await this.#call("POST /api/auth/passkeys/login", { body })).user));
  }

  /** Rejects with `email_taken` where no letter leaves the server, and `rate_limited`. */
  async requestCode(email: string, purpose: "signup" | "login"): Promise<CodeSent> {
    const sent = await this.#call("POST /api/auth/request-otp", { body: { email, purpose } });
    return sentOf(sent);
  }

  /**
   * Finishes a sign-in that was answered with `second_factor_required`, by a code of the authenticator app or a recovery
   * code. Rejects with `invalid_code`, and with `sign_in_over` when one has to begin anew.
   */
  finish(code: string): Promise<void> {
    return this.#session.enter(
      async () => meOf((await this.#call("POST /api/auth/second-factor", { body: { code } })).user),
    );
  }

  /**
   * Takes over the session that another provider's page has given to this browser. Whoever signed out here stays signed
   * out whatever the cookie says, so somebody has to ask. Rejects with `unauthenticated` when there is none.
   */
  resume(): Promise<void> {
    const operation = "GET /api/auth/verify-me";
    return this.#session.enter(async () => meOf((await this.#rest.send(operation, operations[operation])).user));
  }

  /** Rejects with `invalid_code`, `second_factor_required`. */
  signInWithCode(email: string, code: string): Promise<void> {
    return this.#session.enter(async () => {
      const { user } = await this.#call("POST /api/auth/verify-otp", { body: { email, code } });
      if (!user) throw new TypeError("a code for signing in gave no session");
      return meOf(user);
    });
  }
}

/** The answer of every route that sends a code. */
export const sentOf = (sent: { expiresAt: string; resendAfter: number; delivery: Delivery }): CodeSent => ({
  expiresAt: millis(sent.expiresAt),
  resendAfter: sent.resendAfter,
  delivery: sent.delivery,
});
