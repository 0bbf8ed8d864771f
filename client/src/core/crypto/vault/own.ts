// One's own identity as far as screens need it: the public half, without what makes and uses keys.

import type { Vault } from "./vault.ts";

/** The row of this device's keys (core/crypto/devices/own.ts). */
const DEVICE = "device";

/** The public identity key of whoever this vault belongs to; null: this browser has no keys yet. */
export async function ownIdentity(vault: Vault): Promise<Uint8Array | null> {
  const device = (await vault.read(DEVICE)) as unknown as { identity: { public: Uint8Array } } | undefined;
  return device?.identity.public ?? null;
}
