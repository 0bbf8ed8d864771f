// The archive of message keys: what a new device needs to open the history that it did not live through.
//
// Batches of message keys, sealed under the person's archive key and kept by the server. A batch is bound to its chat and
// number, so the server can withhold one, but not swap two. The price is said in the documentation: who gets the archive
// key can open what was archived, so forward secrecy ends there. Disappearing chats are never archived.

import * as v from "valibot";

import { joined } from "../mls/bytes.ts";
import type { Capsule } from "../mls/content.ts";
import { pack, unpack } from "./packed.ts";
import { open, seal, SealBroken } from "./sealing.ts";

/** Keys in one batch; the server takes no larger ones. */
export const MAX_KEYS = 200;

/** A message's key, by what its sender called it. */
export interface ArchivedKey {
  senderId: string;
  clientId: string;
  capsule: Capsule;
}

/**
 * A batch in columns, because the server's space is counted: who wrote (each once), which of them wrote each message, what
 * they called it, and the keys and digests, 32 bytes each, in a row.
 */
const BATCH = v.object({
  senders: v.array(v.string()),
  who: v.instance(Uint8Array),
  names: v.pipe(v.array(v.string()), v.maxLength(MAX_KEYS)),
  keys: v.instance(Uint8Array),
  digests: v.instance(Uint8Array),
});
const WIDTH = 32;

const about = (chatId: string, batch: number): string => `batiyoun archive 1\n${chatId}\n${batch}`;

export async function sealBatch(
  key: CryptoKey,
  chatId: string,
  batch: number,
  keys: readonly ArchivedKey[],
): Promise<Uint8Array<ArrayBuffer>> {
  if (keys.length > MAX_KEYS) throw new RangeError(`at most ${MAX_KEYS} keys are in a batch`);
  const senders = [...new Set(keys.map((each) => each.senderId))];
  const columns = {
    senders,
    who: new Uint8Array(keys.map((each) => senders.indexOf(each.senderId))),
    names: keys.map((each) => each.clientId),
    keys: joined(...keys.map((each) => each.capsule.key)),
    digests: joined(...keys.map((each) => each.capsule.digest)),
  };
  return seal(key, pack(columns), about(chatId, batch));
}

/** Throws `SealBroken`. */
export async function openBatch(key: CryptoKey, chatId: string, batch: number, sealed: Uint8Array): Promise<ArchivedKey[]> {
  const found = v.safeParse(BATCH, unpack(await open(key, sealed, about(chatId, batch))));
  if (!found.success) throw new SealBroken("a sealed value of another form");
  const { senders, who, names, keys, digests } = found.output;
  const all = names.length * WIDTH;
  if (who.length !== names.length || keys.length !== all || digests.length !== all) throw new SealBroken("columns that do not fit");
  return names.map((clientId, index) => {
    const senderId = senders[who[index] ?? 0];
    if (senderId === undefined) throw new SealBroken("a message of nobody");
    const [from, to] = [index * WIDTH, (index + 1) * WIDTH];
    return { senderId, clientId, capsule: { key: keys.slice(from, to), digest: digests.slice(from, to) } };
  });
}
