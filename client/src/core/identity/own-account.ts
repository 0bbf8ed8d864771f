// One's own account: its name, picture, address and password, a copy of it, and its end.

import { meOf } from "../api/api.ts";
import { millis } from "../contracts/index.ts";
import type { Services } from "../services.ts";
import { callsOver, type Call } from "./calls.ts";
import { sentOf, type CodeSent } from "./entrance.ts";

/** Milliseconds. */
const UPLOAD_TIMEOUT = 120_000;
const EXPORT_TIMEOUT = 600_000;

/** An account elsewhere that signs in here. */
export interface LinkedLogin {
  id: string;
  /** Of the provider: "Google". */
  name: string;
  email: string;
  linkedAt: number;
}

export class OwnAccount {
  readonly #call: Call;
  readonly #rest: Services["rest"];
  readonly #session: Services["session"];

  constructor({ rest, session }: Pick<Services, "rest" | "session">) {
    this.#call = callsOver(rest);
    this.#rest = rest;
    this.#session = session;
  }

  /** Other sessions end. */
  async setPassword(newPassword: string): Promise<void> {
    await this.#call("PUT /api/auth/password", { body: { newPassword } });
  }

  /** Rejects with `username_taken`, `invalid_input`. */
  changeUsername(username: string): Promise<void> {
    return this.#session.change(async () =>
      meOf((await this.#call("PUT /api/users/me/username", { body: { username } })).user),
    );
  }

  /** Sends a code to the new address. */
  async requestAddress(email: string): Promise<CodeSent> {
    return sentOf(await this.#call("POST /api/users/me/email", { body: { email } }));
  }

  /** Rejects with `invalid_code`, `email_taken`. */
  confirmAddress(email: string, code: string): Promise<void> {
    return this.#session.change(async () =>
      meOf((await this.#call("POST /api/users/me/email/confirm", { body: { email, code } })).user),
    );
  }

  /** The person's picture; `onProgress` hears 0 to 1. */
  setAvatar(picture: Blob, onProgress: (share: number) => void): Promise<void> {
    const options = { body: picture, onProgress, timeout: UPLOAD_TIMEOUT };
    return this.#session.change(async () => meOf((await this.#call("PUT /api/users/me/avatar", options)).user));
  }

  removeAvatar(): Promise<void> {
    return this.#session.change(async () => meOf((await this.#call("DELETE /api/users/me/avatar")).user));
  }

  async linkedLogins(): Promise<LinkedLogin[]> {
    const { identities } = await this.#call("GET /api/auth/identities");
    return identities.map(({ id, name, email, linkedAt }) => ({ id, name, email, linkedAt: millis(linkedAt) }));
  }

  /** Rejects with `last_way_in`. */
  async unlink(id: string): Promise<void> {
    await this.#call("DELETE /api/auth/identities/{identity_id}", { path: { identity_id: id } });
  }

  /** Begins to link an account elsewhere; resolves with the address where the browser goes for it. */
  async departToLink(): Promise<string> {
    return (await this.#call("POST /api/auth/oidc/link")).address;
  }

  /** Everything that the server keeps of this person, as a JSON file. */
  export(): Promise<Blob> {
    return this.#rest.download("GET /api/users/me/export", { timeout: EXPORT_TIMEOUT });
  }

  /** Ends the account for good, and wipes what this browser keeps. `username` is typed once more. */
  delete(username: string): Promise<void> {
    return this.#session.deleteAccount(() => this.#call("DELETE /api/users/me", { body: { username } }));
  }
}
