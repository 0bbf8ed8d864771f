// Proving once more who one is, before something that matters.

import type { Services } from "../services.ts";
import { callsOver, type Call } from "./calls.ts";
import { sentOf, type CodeSent } from "./entrance.ts";
import type { Ceremony } from "./passkeys.ts";

export class Proof {
  readonly #call: Call;

  constructor({ rest }: Pick<Services, "rest">) {
    this.#call = callsOver(rest);
  }

  /** Rejects with `invalid_password`. */
  async byPassword(password: string): Promise<void> {
    await this.#call("POST /api/auth/step-up", { body: { password } });
  }

  /** `ceremony` is what the browser does with the server's options. Rejects as it does, and with `invalid_passkey`. */
  async byPasskey(ceremony: Ceremony): Promise<void> {
    const { options } = await this.#call("POST /api/auth/step-up/passkey-options");
    await this.#call("POST /api/auth/step-up", { body: { credential: await ceremony(options) } });
  }

  /** Sends a code to the person's own address. */
  async requestCode(): Promise<CodeSent> {
    return sentOf(await this.#call("POST /api/auth/step-up/request-code"));
  }

  /** Rejects with `invalid_code`. */
  async byCode(emailCode: string): Promise<void> {
    await this.#call("POST /api/auth/step-up", { body: { emailCode } });
  }

  /** With the digits of the authenticator app. Rejects with `invalid_code`. */
  async byApp(totp: string): Promise<void> {
    await this.#call("POST /api/auth/step-up", { body: { totp } });
  }
}
