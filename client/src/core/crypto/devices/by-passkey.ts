// Keeping the keys with a passkey, and bringing them back by it. Not one byte that opens them is sent anywhere.

import * as v from "valibot";

import { ApiError } from "../../errors.ts";
import type { CryptoPlace } from "../interface.ts";
import { isSecret, passkeySalt, unwrapByPasskey, wrapForPasskey, type PasskeyAnswer } from "../keys/passkey.ts";
import type { Recoverable } from "../keys/recovery.ts";
import { SealBroken } from "../keys/sealing.ts";
import { equal, fromBase64, toBase64 } from "../mls/bytes.ts";
import { refusal } from "../refusals.ts";

/**
 * Asks for one of the passkeys that the options allow, and what it makes of the salt. Never sends what it answers to the
 * server, which could then open the keys. Rejects with `ApiError`.
 */
export type AskPasskey = (options: unknown, salt: Uint8Array<ArrayBuffer>) => Promise<PasskeyAnswer>;

const vAllowed = v.looseObject({ allowCredentials: v.array(v.looseObject({ id: v.string() })) });
const vOptions = v.object({ options: vAllowed });
const vCopies = v.object({ passkeys: v.array(v.object({ credentialId: v.string() })) });
const vCopy = v.object({ wrapped: v.pipe(v.string(), v.base64(), v.transform(fromBase64)) });
const vNothing = v.unknown();

/**
 * What the browser needs to ask for a passkey of this person. The server's challenge is not answered: that the passkey is
 * theirs shows in what it opens.
 */
async function optionsFor({ rest }: CryptoPlace, only: readonly string[] | null): Promise<unknown> {
  const { options } = await rest.send("POST /api/auth/step-up/passkey-options", vOptions);
  const allowCredentials = options.allowCredentials.filter(({ id }) => only === null || only.includes(id));
  // Without any, the browser would offer every passkey that it has for this site, of other accounts, too.
  if (allowCredentials.length === 0) throw refusal("wrong_passkey");
  return { ...options, allowCredentials };
}

/**
 * Keeps the keys with a passkey that the person chooses, or with the one that was just made (`made`), after trying whether
 * it brings them back. Rejects with `passkey_cannot`, and then keeps nothing.
 */
export async function keepByPasskey(place: CryptoPlace, what: Recoverable, ask: AskPasskey, made: PasskeyAnswer | null): Promise<void> {
  const { me, rest } = place;
  const salt = await passkeySalt(me);
  // Many authenticators make nothing of a salt while they make a passkey, only when they are asked for it afterwards.
  const first = isSecret(made?.secret ?? null) ? made : await ask(await optionsFor(place, made && [made.credentialId]), salt);
  if (!first || !isSecret(first.secret)) throw refusal("passkey_cannot");
  const wrapped = await wrapForPasskey(first, me, what);
  // As another browser will do it one day.
  const again = await ask(await optionsFor(place, [first.credentialId]), salt);
  try {
    const back = await unwrapByPasskey(again, me, wrapped);
    if (!equal(back.identitySecret, what.identitySecret) || !equal(back.archiveKey, what.archiveKey)) throw new SealBroken("other keys");
  } catch (error) {
    throw error instanceof SealBroken ? refusal("passkey_cannot") : error;
  }
  const path = { credential_id: first.credentialId };
  await rest.send("PUT /api/keys/recovery/passkeys/{credential_id}", vNothing, { path, body: { wrapped: toBase64(wrapped) } });
}

/** Rejects with `wrong_passkey` for every passkey that does not open the keys, and with `passkey_cannot`. */
export async function openByPasskey(place: CryptoPlace, ask: AskPasskey): Promise<Recoverable> {
  const { me, rest } = place;
  const { passkeys } = await rest.send("GET /api/keys/recovery/passkeys", vCopies);
  const options = await optionsFor(place, passkeys.map(({ credentialId }) => credentialId));
  const answer = await ask(options, await passkeySalt(me));
  if (!isSecret(answer.secret)) throw refusal("passkey_cannot");
  try {
    const path = { credential_id: answer.credentialId };
    const { wrapped } = await rest.send("GET /api/keys/recovery/passkeys/{credential_id}", vCopy, { path });
    return await unwrapByPasskey(answer, me, wrapped);
  } catch (error) {
    const wrong = error instanceof SealBroken || (error instanceof ApiError && error.code === "not_found");
    throw wrong ? refusal("wrong_passkey") : error;
  }
}
