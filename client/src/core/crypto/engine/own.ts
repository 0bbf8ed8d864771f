// What the engine needs of the keyring and the directory.

import type { Self } from "../e2ee/chat.ts";
import type { Directory, WaitingWelcome } from "../e2ee/rest.ts";
import type { OwnKeyPackage } from "../mls/key-package.ts";
import { findPackage, type FoundPackage, type Keyring } from "../vault/keyring.ts";
import type { Vault } from "../vault/vault.ts";

export interface Own {
  self: Self;
  fresh(): Promise<OwnKeyPackage>;
  find(refs: readonly Uint8Array[]): Promise<FoundPackage | null>;
  welcomes(): Promise<WaitingWelcome[]>;
  welcomed(id: string): Promise<void>;
  /** The person's identity key, by the directory; null: none. */
  identityOf(userId: string): Promise<Uint8Array | null>;
  replenish(): Promise<void>;
}

export const ownOf = (keyring: Keyring, vault: Vault, directory: Directory): Own => ({
  self: keyring.self,
  fresh: () => keyring.fresh(),
  find: (refs) => findPackage(vault, refs),
  welcomes: () => directory.welcomes(),
  welcomed: (id) => directory.welcomed(id),
  identityOf: (userId) => directory.identityOf(userId),
  replenish: () => keyring.replenish(),
});
