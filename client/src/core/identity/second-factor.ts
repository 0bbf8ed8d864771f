// The authenticator app, and the codes for the day it is lost.

import type { Services } from "../services.ts";
import { callsOver, type Call } from "./calls.ts";

export interface SecondFactorState {
  /** An authenticator app is asked for at every sign-in that is not by passkey. */
  on: boolean;
  recoveryCodesLeft: number;
}

/** What the app must learn; `uri` is the same for its camera (the otpauth key URI format). */
export interface Setup {
  secret: string;
  uri: string;
}

export class SecondFactor {
  readonly #call: Call;

  constructor({ rest }: Pick<Services, "rest">) {
    this.#call = callsOver(rest);
  }

  async state(): Promise<SecondFactorState> {
    const { totp, recoveryCodesLeft } = await this.#call("GET /api/auth/second-factor");
    return { on: totp, recoveryCodesLeft };
  }

  /** Nothing is on until `confirm`. */
  setup(): Promise<Setup> {
    return this.#call("POST /api/auth/totp/setup");
  }

  /** Turns it on; resolves to the recovery codes, which are told only now. Rejects with `invalid_code`. */
  async confirm(code: string): Promise<string[]> {
    return (await this.#call("POST /api/auth/totp/confirm", { body: { code } })).recoveryCodes;
  }

  async turnOff(): Promise<void> {
    await this.#call("DELETE /api/auth/totp");
  }

  /** New recovery codes; the old ones are void. */
  async newCodes(): Promise<string[]> {
    return (await this.#call("POST /api/auth/recovery-codes")).recoveryCodes;
  }
}
