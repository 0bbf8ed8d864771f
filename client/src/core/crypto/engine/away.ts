// The engine where no tab is: in the service worker. It reads, changes groups and writes as a tab's does, on the same
// rows and under the same rules. It makes no keys and no device: what is not here waits for a tab.

import { restDelivery, restDirectory } from "../e2ee/rest.ts";
import { equal } from "../mls/bytes.ts";
import { readDevice } from "../devices/own.ts";
import type { CryptoPlace, LeadOptions, ReadyCrypto } from "../interface.ts";
import { refusal } from "../refusals.ts";
import { Keyring } from "../vault/keyring.ts";
import { Vault } from "../vault/vault.ts";
import type { Care } from "./care.ts";
import { MlsLeader } from "./leader.ts";
import { ownOf } from "./own.ts";

/** The next tab finds all of it in the database. */
const LATER: Care = { archived: () => {}, closed: () => {}, tended: () => {}, marked: () => {}, stop: () => {} };

/** Rejects with `ApiError`, `not_linked` among them, and with `KeyLost`. */
export async function leadAway({ db, me, rest, runtime }: CryptoPlace, options: LeadOptions): Promise<ReadyCrypto> {
  const [vault, directory] = [await Vault.open(db), restDirectory(rest)];
  const [device, person] = [await readDevice(vault), await directory.identity()];
  if (device?.userId !== me || !person || !equal(device.identity.public, person.key)) throw refusal("not_linked");
  const keyring = await Keyring.of({ db, vault, directory, me, runtime }, device);
  const own = ownOf(keyring, vault, directory);
  return new MlsLeader({ ...options, db, vault, delivery: restDelivery(rest), own, care: () => LATER, runtime });
}
