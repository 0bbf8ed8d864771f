// People who followed an invitation of ours, and prove it: their keys count as compared, as ours do with them.

import type { Database } from "../../db/database.ts";
import { CLAIM } from "../../talk/project.ts";
import { fromBase64 } from "../mls/bytes.ts";
import { ownIdentity } from "../vault/own.ts";
import type { Vault } from "../vault/vault.ts";
import { isProved, passOf } from "./pass.ts";
import type { TrustStore } from "./store.ts";

/** In `meta`, with the nonce behind it: who has used the invitation, so that nobody else does. */
const USED = "invited/";

export interface ClaimsOptions {
  db: Database;
  vault: Vault;
  me: string;
  store: TrustStore;
  archiveKey: Uint8Array;
}

/** How many there are: another number means that there is something to do. */
export const claimsIn = (db: Database): Promise<number> => db.messages.where("about").equals(CLAIM).count();

/**
 * Takes what is proved. Each invitation counts for the first who proves it here, and once: a mark that the owner takes away
 * afterwards stays away. What cannot be checked yet (nobody's keys were seen under that name) waits for the next time.
 */
export async function takeClaims({ db, vault, me, store, archiveKey }: ClaimsOptions): Promise<void> {
  const rows = await db.words.openMessages(await db.messages.where("about").equals(CLAIM).toArray());
  const identityKey = rows.length > 0 ? await ownIdentity(vault) : null;
  if (identityKey === null) return;
  const inviter = { userId: me, identityKey };
  for (const { body, senderId, chatId } of rows) {
    if (body.t !== "invited" || senderId === me || (await db.meta.get(USED + body.nonce))) continue;
    if ((await db.chats.get(chatId))?.type !== "direct") continue;
    const record = (await store.all()).get(senderId);
    if (!record) continue;
    const [pass, proof] = [await passOf(archiveKey, fromBase64(body.nonce)), fromBase64(body.proof)];
    for (const key of [record.key, ...(record.other ? [record.other.key] : [])]) {
      if (!(await isProved(pass, proof, { inviter, invited: { userId: senderId, identityKey: key } }))) continue;
      await store.change([{ userId: senderId, event: { t: "invited", key } }]);
      await db.meta.put({ key: USED + body.nonce, value: senderId });
      break;
    }
  }
}
