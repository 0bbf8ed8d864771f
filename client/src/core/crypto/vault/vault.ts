// What the crypto keeps on this device: rows sealed by a key that nobody can read out, not even this page.
//
// The key lives in the same table, as an object of the browser. Somebody who copies the files of the database gets neither
// it nor what it seals; a script that runs in this page could use it, and is kept out by other means (the CSP). Signing
// out deletes the database, and the key with it.

import type { VaultWrite } from "../interface.ts";
import type { Database } from "../../db/database.ts";
import { pack, unpack, type Packable } from "../keys/packed.ts";
import { open, seal } from "../keys/sealing.ts";

/** A sealed value says where it belongs, so that no row can stand in for another. */
const about = (key: string): string => `batiyoun vault 1\n${key}`;

export class Vault {
  readonly #db: Database;
  readonly #key: CryptoKey;

  private constructor(db: Database, key: CryptoKey) {
    this.#db = db;
    this.#key = key;
  }

  /** The vault of this database. Rejects with `KeyLost`. */
  static async open(db: Database): Promise<Vault> {
    return new Vault(db, await db.words.key());
  }

  /** The row to put. Call it outside of any transaction. */
  async write(key: string, value: Packable): Promise<VaultWrite> {
    return { key, value: await seal(this.#key, pack(value), about(key)) };
  }

  /** Undefined: there is no such row. Throws `SealBroken` for one that was changed or moved. */
  async read(key: string): Promise<Packable | undefined> {
    const value = (await this.#db.vault.get(key))?.value;
    return value instanceof Uint8Array ? unpack(await open(this.#key, value, about(key))) : undefined;
  }

  /** The keys of the rows whose key begins so. */
  keys(prefix: string): Promise<string[]> {
    return this.#db.vault.where("key").startsWith(prefix).primaryKeys();
  }
}
