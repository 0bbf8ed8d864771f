// What a passkey makes of a salt (WebAuthn Level 3 §10.1.4, the prf extension): a secret that only its owner can have made
// again. It stays in this page.

import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";

import type { PasskeyAnswer } from "@/core/crypto/keys/passkey.ts";

import { ceremony, loaded, passkeysSupported } from "./passkey.ts";

/** What the browser says of the extension; its types differ between browsers' and the library's. */
interface Outputs {
  prf?: { enabled?: boolean; results?: { first?: ArrayBuffer | ArrayBufferView<ArrayBuffer> } };
}

type Capabilities = typeof PublicKeyCredential & { getClientCapabilities?: () => Promise<Record<string, boolean>> };

/** Whether it is worth asking: false only where the browser knows that it cannot. Whether a passkey can shows when it is used. */
export async function passkeysMayKeepSecrets(): Promise<boolean> {
  if (!passkeysSupported()) return false;
  try {
    return (await (PublicKeyCredential as Capabilities).getClientCapabilities?.())?.["extension:prf"] !== false;
  } catch {
    return true;
  }
}

// The salt comes along from the beginning: some authenticators refuse the extension without one.
const withSalt = <O extends object>(options: unknown, salt: Uint8Array<ArrayBuffer>): O =>
  ({ ...(options as O), extensions: { ...(options as { extensions?: object }).extensions, prf: { eval: { first: salt } } } });

function secretOf(prf: Outputs["prf"]): Uint8Array<ArrayBuffer> | null {
  const first = prf?.results?.first;
  if (!first) return null;
  return ArrayBuffer.isView(first) ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength).slice() : new Uint8Array(first.slice(0));
}

/** Asks for a passkey by the server's options; rejects with `passkey_unused` or `passkey_failed`. */
export async function askForSecret(options: unknown, salt: Uint8Array<ArrayBuffer>): Promise<PasskeyAnswer> {
  const { startAuthentication } = await loaded();
  const optionsJSON = withSalt<PublicKeyCredentialRequestOptionsJSON>(options, salt);
  const { id, clientExtensionResults } = await ceremony(() => startAuthentication({ optionsJSON }));
  return { credentialId: id, secret: secretOf((clientExtensionResults as Outputs).prf) };
}

/** A passkey that was made: for the server, without the secret; and whether it can keep one at all. */
export interface MadePasskey {
  credential: unknown;
  able: boolean;
  answer: PasskeyAnswer;
}

/** Makes a passkey by the server's options; rejects with `passkey_unused`, `passkey_known` or `passkey_failed`. */
export async function createWithSecret(options: unknown, salt: Uint8Array<ArrayBuffer>): Promise<MadePasskey> {
  const { startRegistration } = await loaded();
  const optionsJSON = withSalt<PublicKeyCredentialCreationOptionsJSON>(options, salt);
  const { clientExtensionResults, ...made } = await ceremony(() => startRegistration({ optionsJSON }));
  const { prf, ...others } = clientExtensionResults as Outputs;
  const answer = { credentialId: made.id, secret: secretOf(prf) };
  // The server must never have the secret.
  return { credential: { ...made, clientExtensionResults: others }, able: prf?.enabled === true || answer.secret !== null, answer };
}
