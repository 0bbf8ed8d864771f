// Proving once more who one is, before something that matters.

import type { Services } from "../services.ts";
import { callsOver, type Call } from "./calls.ts";

export class Proof {
  readonly #call: Call;

  constructor({ rest }: Pick<Services, "rest">) {
    this.#call = callsOver(rest);
  }

  /** Rejects with `invalid_password`. */
  async byPassword(password: string): Promise<void> {
    await this.#call("POST /api/auth/step-up", { body: { password } });
  }

  /** With the digits of the authenticator app. Rejects with `invalid_code`. */
  async byApp(totp: string): Promise<void> {
    await this.#call("POST /api/auth/step-up", { body: { totp } });
  }
}
