// The way back by a passkey: what its authenticator makes of a salt (WebAuthn Level 3 §10.1.4, the prf extension) wraps the
// same keys as a recovery code does.
//
// The authenticator makes the same 32 bytes of the same salt each time its owner says yes, and nobody else can. They never
// leave the device: the server keeps what they wrap, and learns nothing from it.

import { lockUp, unlock, type Lock, type Recoverable } from "./recovery.ts";
import { SealBroken } from "./sealing.ts";

const KIND = "batiyoun recovery passkey 1";
const SECRET_BYTES = 32;

/** What the authenticator is asked to make something of; one for each person. */
export async function passkeySalt(userId: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${KIND}\n${userId}`)));
}

/** What a passkey answered. */
export interface PasskeyAnswer {
  /** base64url without padding. */
  credentialId: string;
  /** What it made of the salt; null: it cannot, or the browser does not know how. */
  secret: Uint8Array<ArrayBuffer> | null;
}

const lockOf = (userId: string, credentialId: string): Lock => ({ userId, kind: KIND, which: credentialId });

/** Whether it is something to wrap keys with. */
export const isSecret = (secret: Uint8Array | null): secret is Uint8Array<ArrayBuffer> =>
  secret?.length === SECRET_BYTES && secret.some((byte) => byte !== 0);

/** For the server to keep beside the passkey. Throws `SealBroken` for an answer that is no secret. */
export async function wrapForPasskey({ credentialId, secret }: PasskeyAnswer, userId: string, what: Recoverable): Promise<Uint8Array<ArrayBuffer>> {
  if (!isSecret(secret)) throw new SealBroken("not what the prf extension gives");
  return lockUp(secret, lockOf(userId, credentialId), what);
}

/** Throws `SealBroken` for another passkey, another person's, or changed bytes: the same for all of them. */
export async function unwrapByPasskey({ credentialId, secret }: PasskeyAnswer, userId: string, wrapped: Uint8Array): Promise<Recoverable> {
  if (!isSecret(secret)) throw new SealBroken("not what the prf extension gives");
  return unlock(secret, lockOf(userId, credentialId), wrapped);
}
