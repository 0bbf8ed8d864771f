// The server's REST side for tests of the screens: what it answers is set by operation, what it was asked is remembered.

import * as v from "valibot";

import type { AnswerOf, CallOptions, Rest } from "@/core/api/http.ts";
import type { Options, OwnUser } from "@/core/contracts/index.ts";
import type { LaterOperation } from "@/core/identity/calls.ts";
import { ApiError } from "@/core/errors.ts";

type Answer = unknown;

export class FakeServer implements Rest {
  readonly asked: { operation: string; body: unknown; options: CallOptions }[] = [];
  readonly #answers = new Map<string, (options: CallOptions) => Answer>();

  /** From now on the operation is answered so; a thrown `ApiError` refuses it. */
  on(operation: LaterOperation | "GET /api/auth/verify-me", answer: (options: CallOptions) => Answer): this {
    this.#answers.set(operation, answer);
    return this;
  }

  /** The bodies that an operation was asked with. */
  bodies(operation: LaterOperation): unknown[] {
    return this.asked.filter((each) => each.operation === operation).map((each) => each.body);
  }

  async send<S extends v.GenericSchema | null>(
    operation: string,
    schema: S,
    options: CallOptions = {},
  ): Promise<AnswerOf<S>> {
    this.asked.push({ operation, body: options.body, options });
    const answer = this.#answers.get(operation);
    if (!answer) throw new ApiError({ code: "not_found", message: `nobody answers ${operation}`, status: 404 });
    const body = await answer(options);
    // An answer that the server could not give fails the test.
    return (schema ? v.parse(schema, body) : null) as AnswerOf<S>;
  }

  async download(operation: string, options: CallOptions = {}): Promise<Blob> {
    this.asked.push({ operation, body: options.body, options });
    return new Blob(["{}"]);
  }
}

/** What the server says of oneself after signing in. */
export const OWN_USER: OwnUser = {
  id: "me",
  username: "asha.devi",
  displayName: "Asha Devi",
  avatar: null,
  bio: "",
  createdAt: "2026-01-01T00:00:00Z",
  email: "asha@example.org",
  verified: true,
  provider: "email",
  role: "member",
  deleted: false,
};

/** A server with everything: mail, and doors open to everybody. */
export const OPTIONS: Options = { verifyEmail: true, delivery: "mail", signup: "open", passkeys: true, oidc: null, firstUser: false, encryption: "none", signedIn: false };
