// Passkeys of one's own account.

import { millis } from "../contracts/index.ts";
import type { Services } from "../services.ts";
import { callsOver, type Call } from "./calls.ts";

/** Times in milliseconds since the epoch. */
export interface Passkey {
  id: string;
  name: string;
  createdAt: number;
  /** null: never. */
  lastUsedAt: number | null;
}

/** What the browser does with the server's options (WebAuthn Level 3 §5.1); resolves to the credential as JSON. */
export type Ceremony = (options: unknown) => Promise<unknown>;

export class Passkeys {
  readonly #call: Call;

  constructor({ rest }: Pick<Services, "rest">) {
    this.#call = callsOver(rest);
  }

  async list(): Promise<Passkey[]> {
    const { passkeys } = await this.#call("GET /api/auth/passkeys");
    return passkeys.map(passkeyOf);
  }

  async add(name: string, ceremony: Ceremony): Promise<Passkey> {
    const { options } = await this.#call("POST /api/auth/passkeys/options");
    const credential = await ceremony(options);
    return passkeyOf((await this.#call("POST /api/auth/passkeys", { body: { credential, name } })).passkey);
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#call("PATCH /api/auth/passkeys/{passkey_id}", { path: { passkey_id: id }, body: { name } });
  }

  async remove(id: string): Promise<void> {
    await this.#call("DELETE /api/auth/passkeys/{passkey_id}", { path: { passkey_id: id } });
  }
}

const passkeyOf = (each: { id: string; name: string; createdAt: string; lastUsedAt?: string | null | undefined }): Passkey => ({
  id: each.id,
  name: each.name,
  createdAt: millis(each.createdAt),
  lastUsedAt: each.lastUsedAt == null ? null : millis(each.lastUsedAt),
});
