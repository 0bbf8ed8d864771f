// The archive of message keys: what a new device needs to open the history that it did not live through.
//
// Batches of message keys, sealed under the person's archive key and kept by the server. A batch is bound to its chat and
// number, so the server can withhold one, but not swap two. The price is said in the documentation: who gets the archive
// key can open what was archived, so forward secrecy ends there. Disappearing chats are never archived.

import * as v from "valibot";

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

const BATCH = v.pipe(
  v.array(
    v.object({
      s: v.string(),
      c: v.string(),
      k: v.pipe(v.instance(Uint8Array), v.length(32)),
      h: v.pipe(v.instance(Uint8Array), v.length(32)),
    }),
  ),
  v.maxLength(MAX_KEYS),
);

const about = (chatId: string, batch: number): string => `batiyoun archive 1\n${chatId}\n${batch}`;

export async function sealBatch(
  key: CryptoKey,
  chatId: string,
  batch: number,
  keys: readonly ArchivedKey[],
): Promise<Uint8Array<ArrayBuffer>> {
  if (keys.length > MAX_KEYS) throw new RangeError(`at most ${MAX_KEYS} keys are in a batch`);
  const rows = keys.map(({ senderId, clientId, capsule }) => ({ s: senderId, c: clientId, k: capsule.key, h: capsule.digest }));
  return seal(key, pack(rows), about(chatId, batch));
}

/** Throws `SealBroken`. */
export async function openBatch(key: CryptoKey, chatId: string, batch: number, sealed: Uint8Array): Promise<ArchivedKey[]> {
  const found = v.safeParse(BATCH, unpack(await open(key, sealed, about(chatId, batch))));
  if (!found.success) throw new SealBroken("a sealed value of another form");
  return found.output.map(({ s, c, k, h }) => ({ senderId: s, clientId: c, capsule: { key: k, digest: h } }));
}
