// Looking which state the person's keys are in, and making this browser a device of theirs where that needs nobody's help.

import * as v from "valibot";

import { ApiError } from "../../errors.ts";
import type { CryptoPlace, ReadyCrypto } from "../interface.ts";
import { restDirectory } from "../e2ee/rest.ts";
import { equal } from "../mls/bytes.ts";
import { Vault } from "../vault/vault.ts";
import { readDevice, readNext } from "./own.ts";
import { readKeysState, writeKeysState, type KeysState } from "./state.ts";

const vOptions = v.object({ encryption: v.picklist(["mls", "none"]) });

/** Whether new chats between people are encrypted, or some that are here are. */
async function encrypts({ rest, db }: CryptoPlace): Promise<boolean> {
  const { encryption } = await rest.send("GET /api/auth/options", vOptions);
  return encryption === "mls" || (await db.chats.filter((chat) => chat.encryption === "mls").count()) > 0;
}

/** Begins the engine, as far as there are keys for it. Rejects with `ApiError` when the server is away. */
export async function lookAtKeys(place: CryptoPlace, engine: () => Promise<ReadyCrypto>): Promise<void> {
  const { db } = place;
  if (!(await encrypts(place))) return writeKeysState(db, { ...(await readKeysState(db)), state: "off" });
  try {
    await engine();
    await tellState(place, "ready");
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "not_linked") throw error;
    const before = await readKeysState(db);
    await tellState(place, before.deviceId === null ? "elsewhere" : "replaced");
  }
}

async function tellState({ db, rest }: CryptoPlace, state: KeysState["state"]): Promise<void> {
  const vault = await Vault.open(db);
  const [person, device, next] = await Promise.all([restDirectory(rest).identity(), readDevice(vault), readNext(vault)]);
  const resetAt = person?.resetAt ?? null;
  // Without a time of its own the answer to this browser is still on its way.
  const resetHere = resetAt !== null && next !== undefined && (next.at ?? resetAt) === resetAt;
  const deviceId = state === "elsewhere" ? null : (device?.deviceId ?? null);
  // Between two answers somebody may have started over: then the next look tells.
  if (state === "ready" && !(person && device && equal(person.key, device.identity.public))) return;
  await writeKeysState(db, { state, deviceId, resetAt, resetHere, recoveryAt: person?.recoveryAt ?? null, passkeyAt: person?.passkeyAt ?? null });
}
