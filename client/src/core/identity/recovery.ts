// Forgotten passwords, and whether a password may be one.

import type { Services } from "../services.ts";
import { callsOver, type Call } from "./calls.ts";
import { sentOf, type CodeSent } from "./entrance.ts";

export interface PasswordCheck {
  acceptable: boolean;
  /** Why not, for the person. */
  reason: string | null;
}

export class Recovery {
  readonly #call: Call;

  constructor({ rest }: Pick<Services, "rest">) {
    this.#call = callsOver(rest);
  }

  /** A letter with a link goes to that address, if there is an account. The answer is always the same. */
  async requestReset(email: string): Promise<CodeSent> {
    return sentOf(await this.#call("POST /api/auth/password/request-reset", { body: { email } }));
  }

  /** Chooses a new password with the token of the letter; every session ends. Rejects with `invalid_token`-like codes. */
  async reset(token: string, password: string): Promise<void> {
    await this.#call("POST /api/auth/password/reset", { body: { token, password } });
  }

  /** Whether the server would take the password from somebody of these names. */
  async check(password: string, names: { username?: string; email?: string }): Promise<PasswordCheck> {
    const body = { password, ...names };
    const { acceptable, reason } = await this.#call("POST /api/auth/password/check", { body });
    return { acceptable, reason: reason ?? null };
  }
}
