// The key that seals everything of content on this device. It lives in the same database, as an object of the browser that
// nobody can read out.

import type { Database } from "../../db/database.ts";
import { newLocalKey, open, seal, SealBroken } from "../keys/sealing.ts";

const KEY = "key";
/** In `meta`: a value that only the right key opens. */
const PROOF = "key proof";
const ABOUT = "batiyoun key proof 1";

/** What is kept here was sealed by a key that is gone: nothing of it can be read any more, as if it had been thrown away. */
export class KeyLost extends Error {
  override readonly name = "KeyLost";
}

/**
 * The key of this database; made the first time, once for all tabs. Rejects with `KeyLost`. Call it outside of any
 * transaction and live query.
 */
export async function localKey(db: Database): Promise<CryptoKey> {
  const known = await read(db);
  if (known.key) return proven(db, known.key, known.proof);
  // A row that is sealed tells as much as the proof does.
  if (known.proof || known.words) throw new KeyLost("the key of this database is gone");
  const fresh = await newLocalKey();
  const proof = await seal(fresh, new Uint8Array(), ABOUT);
  // Another tab may have been faster: the first key stays.
  return db.transaction("rw", db.vault, db.meta, async () => {
    const first = (await db.vault.get(KEY))?.value;
    if (first instanceof CryptoKey) return first;
    await db.vault.put({ key: KEY, value: fresh });
    await db.meta.put({ key: PROOF, value: proof });
    return fresh;
  });
}

async function proven(db: Database, key: CryptoKey, proof: Uint8Array | null): Promise<CryptoKey> {
  // A key from before there were proofs.
  if (!proof) await db.meta.put({ key: PROOF, value: await seal(key, new Uint8Array(), ABOUT) });
  else
    await open(key, proof, ABOUT).catch((error: unknown) => {
      throw error instanceof SealBroken ? new KeyLost("another key sealed this database", { cause: error }) : error;
    });
  return key;
}

async function read(db: Database): Promise<{ key: CryptoKey | null; proof: Uint8Array | null; words: boolean }> {
  const [key, proof, message] = await Promise.all([db.vault.get(KEY), db.meta.get(PROOF), db.messages.limit(1).first()]);
  return {
    key: key?.value instanceof CryptoKey ? key.value : null,
    proof: proof?.value instanceof Uint8Array ? proof.value : null,
    words: message?.words instanceof Uint8Array,
  };
}
