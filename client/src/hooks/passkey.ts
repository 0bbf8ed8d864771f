// What the browser and the person's authenticator do for a passkey (WebAuthn Level 3). The library is fetched when it is
// first needed.

import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";

import { ApiError } from "@/core/errors.ts";

type Library = typeof import("@simplewebauthn/browser");
let library: Library | null = null;

/** The library; rejects with `offline` when it cannot be fetched. */
export async function loaded(): Promise<Library> {
  try {
    library ??= await import("@simplewebauthn/browser");
    return library;
  } catch (cause) {
    throw ApiError.local("offline", cause);
  }
}

/** Whether this browser knows passkeys at all. */
export const passkeysSupported = (): boolean => typeof PublicKeyCredential === "function";

/** Makes a passkey by the server's options; rejects with `passkey_unused`, `passkey_known` or `passkey_failed`. */
export async function createPasskey(options: unknown): Promise<unknown> {
  const { startRegistration } = await loaded();
  // The server's options are of the specification, which the contract does not repeat.
  return ceremony(() => startRegistration({ optionsJSON: options as PublicKeyCredentialCreationOptionsJSON }));
}

/** Asks for a passkey by the server's options; rejects with `passkey_unused` or `passkey_failed`. */
export async function askForPasskey(options: unknown): Promise<unknown> {
  const { startAuthentication } = await loaded();
  return ceremony(() => startAuthentication({ optionsJSON: options as PublicKeyCredentialRequestOptionsJSON }));
}

/** Whether the browser offers passkeys in the list under a field. */
export async function offersPasskeys(): Promise<boolean> {
  if (!passkeysSupported()) return false;
  const { browserSupportsWebAuthnAutofill } = await loaded();
  return browserSupportsWebAuthnAutofill();
}

/**
 * Waits until the person chooses a passkey in the list under a field whose `autocomplete` ends with "webauthn". Another
 * ceremony, or `stopWaiting`, ends the waiting with `cancelled`.
 */
export async function waitForPasskey(options: unknown): Promise<unknown> {
  const { startAuthentication } = await loaded();
  const optionsJSON = options as PublicKeyCredentialRequestOptionsJSON;
  return ceremony(() => startAuthentication({ optionsJSON, useBrowserAutofill: true }));
}

/** Nobody waits before the library is here, so it is not fetched for this. */
export function stopWaiting(): void {
  library?.WebAuthnAbortService.cancelCeremony();
}

/** Runs what the browser does; what it is rejected with becomes an `ApiError`. */
export async function ceremony<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw errorOf(cause);
  }
}

/** The names are those of the specification (§5.1.3, §5.1.4): a person who says no, and a timeout, are not told apart. */
function errorOf(cause: unknown): ApiError {
  const name = cause instanceof Error ? cause.name : "";
  if (name === "AbortError") return ApiError.local("cancelled", cause);
  if (name === "NotAllowedError") return ApiError.local("passkey_unused", cause);
  return ApiError.local(name === "InvalidStateError" ? "passkey_known" : "passkey_failed", cause);
}
