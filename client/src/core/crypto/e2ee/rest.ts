// The server's side of encryption over REST (docs/reference): the directory of keys, groups, Welcomes.

import * as v from "valibot";

import type { Rest } from "../../api/http.ts";
import { ApiError } from "../../errors.ts";
import { fromBase64, toBase64 } from "../mls/bytes.ts";
import { packagedDevice } from "../mls/inspect.ts";
import { sameDevice, type DeviceName } from "../mls/identity.ts";
import type { CommitRequest, Delivery, Posted, Roster } from "./model.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const bytes = v.pipe(v.string(), v.base64(), v.transform(fromBase64));
const device = v.object({ userId: v.string(), deviceId: v.string() });

const vRoster = v.object({
  epoch: v.nullable(count),
  generation: count,
  openFrom: count,
  members: v.array(v.string()),
  devices: v.array(device),
  headSeq: count,
});
const vGroupInfo = v.object({ epoch: count, generation: count, groupInfo: bytes });
const vClaimed = v.object({ packages: v.array(v.object({ ...device.entries, keyPackage: v.nullable(bytes) })) });
const vCommitted = v.object({ seq: count, epoch: count });
const moment = v.nullable(v.pipe(v.string(), v.transform((text) => Date.parse(text))));
const vIdentity = v.object({ key: bytes, resetAt: moment, recoveryAt: moment, passkeyAt: moment });
const vSessions = v.object({
  sessions: v.array(
    v.object({
      current: v.boolean(),
      device: v.object({ browser: v.nullish(v.string()), os: v.nullish(v.string()) }),
    }),
  ),
});
const vDevicesOf = v.object({ identityKey: bytes });
const vPackages = v.object({ left: count, lastResort: v.boolean() });
const vWelcomes = v.object({
  welcomes: v.array(v.object({ id: v.string(), chatId: v.string(), epoch: count, welcome: bytes })),
});
/** An answer whose content does not matter here. */
const vAnything = v.unknown();

/** Adding many devices is a megabyte on its way, and slow work at the other end. */
const COMMIT_PATIENCE = 60_000;

/** Answers `otherwise` where the server says that there is no such thing. */
async function unless<T, E>(code: string, ask: Promise<T>, otherwise: E): Promise<T | E> {
  try {
    return await ask;
  } catch (error) {
    if (error instanceof ApiError && error.code === code) return otherwise;
    throw error;
  }
}

const of = (chatId: string): { path: { chat_id: string } } => ({ path: { chat_id: chatId } });

/** Groups. Every function rejects with `ApiError`. */
export function restDelivery(rest: Rest): Delivery {
  return {
    roster: (chatId): Promise<Roster> => rest.send("GET /api/chats/{chat_id}/group", vRoster, of(chatId)),

    groupInfo: (chatId) =>
      unless("group_missing", rest.send("GET /api/chats/{chat_id}/group-info", vGroupInfo, of(chatId)), null),

    async claim(_chatId, devices) {
      const body = { devices: devices.map(({ userId, deviceId }) => ({ userId, deviceId })) };
      const { packages } = await rest.send("POST /api/keys/packages/claim", vClaimed, { body });
      // A key package of another device than the one asked for is nobody's business to let in.
      return packages.flatMap(({ keyPackage, ...asked }) => (keyPackage && isOf(keyPackage, asked) ? [keyPackage] : []));
    },

    async commit(chatId, request): Promise<Posted> {
      const options = { ...of(chatId), body: bodyOf(request), timeout: COMMIT_PATIENCE };
      try {
        const { seq, epoch } = await rest.send("POST /api/chats/{chat_id}/commits", vCommitted, options);
        return { kind: "accepted", seq, epoch };
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code === "epoch_stale") return { kind: "stale" };
        if (isOpen(error)) throw error;
        return { kind: "refused", code: error.code };
      }
    },
  };
}

/** Whether nobody knows yet what becomes of a request. */
function isOpen(error: ApiError): boolean {
  const { retryable, status } = error;
  return retryable || status === 0 || status === 401 || status === 408 || status === 429 || status >= 500;
}

const isOf = (keyPackage: Uint8Array, asked: DeviceName): boolean => {
  const found = packagedDevice(keyPackage);
  return found !== null && sameDevice(found, asked);
};

function bodyOf({ commitId, commit, groupInfo, welcome }: CommitRequest): Record<string, unknown> {
  return {
    commitId,
    commit: commit && toBase64(commit),
    groupInfo: toBase64(groupInfo),
    ...(welcome ? { welcome: toBase64(welcome) } : {}),
  };
}

export interface WaitingWelcome {
  id: string;
  chatId: string;
  welcome: Uint8Array;
}

export interface Registered {
  certificate: Uint8Array;
  signatureKey: Uint8Array;
  name: string;
}

/** One's own identity key. Times in milliseconds since the epoch. */
export interface OwnIdentity {
  key: Uint8Array;
  /** Another one takes its place then. */
  resetAt: number | null;
  /** Since when a recovery code brings it back. */
  recoveryAt: number | null;
  /** Since when a passkey does. */
  passkeyAt: number | null;
}

/** What the directory knows of this person and device. Every function rejects with `ApiError`. */
export interface Directory {
  /** The person's identity key, and what is decided about it; null: there is none yet. */
  identity(): Promise<OwnIdentity | null>;
  /** False: another one is registered. */
  claimIdentity(key: Uint8Array): Promise<boolean>;
  /** Says which device this sign-in is. `prove` signs what the server asks of one that comes back under a new sign-in. */
  register(deviceId: string, of: Registered, prove: (challenge: Uint8Array) => Promise<Uint8Array>): Promise<void>;
  packages(): Promise<{ left: number; lastResort: boolean }>;
  publish(packages: readonly Uint8Array[], lastResort: Uint8Array | null): Promise<void>;
  /** Somebody's identity key; null: there is none. */
  identityOf(userId: string): Promise<Uint8Array | null>;
  welcomes(): Promise<WaitingWelcome[]>;
  welcomed(id: string): Promise<void>;
  /** What this browser calls itself, as "Firefox on Linux". */
  deviceName(): Promise<string>;
}

export function restDirectory(rest: Rest): Directory {
  return {
    identity: () => unless("identity_missing", rest.send("GET /api/keys/identity", vIdentity), null),
    claimIdentity: (key) => {
      const done = rest.send("PUT /api/keys/identity", vAnything, { body: { key: toBase64(key) } }).then(() => true);
      return unless("identity_exists", done, false);
    },
    async register(deviceId, { certificate, signatureKey, name }, prove) {
      const body = { certificate: toBase64(certificate), signatureKey: toBase64(signatureKey), name };
      const put = (more: { proof?: string }) =>
        rest.send("PUT /api/keys/devices/{device_id}", vAnything, {
          path: { device_id: deviceId },
          body: { ...body, ...more },
        });
      try {
        await put({});
      } catch (error) {
        const challenge = error instanceof ApiError && error.code === "device_proof_needed" && error.fields["challenge"];
        if (!challenge) throw error;
        await put({ proof: toBase64(await prove(fromBase64(challenge))) });
      }
    },
    packages: () => rest.send("GET /api/keys/packages", vPackages),
    async publish(packages, lastResort) {
      const body = { packages: packages.map(toBase64), ...(lastResort ? { lastResort: toBase64(lastResort) } : {}) };
      await rest.send("PUT /api/keys/packages", vAnything, { body });
    },
    async deviceName() {
      const { sessions } = await rest.send("GET /api/auth/sessions", vSessions);
      const { browser, os } = sessions.find((each) => each.current)?.device ?? {};
      return browser && os ? `${browser} on ${os}` : (browser ?? os ?? "Browser");
    },
    identityOf: (userId) => {
      const path = { user_id: userId };
      const found = rest.send("GET /api/users/{user_id}/devices", vDevicesOf, { path });
      return unless("identity_missing", found.then(({ identityKey }) => identityKey), null);
    },
    welcomes: async () => (await rest.send("GET /api/keys/welcomes", vWelcomes)).welcomes,
    async welcomed(id) {
      const path = { welcome_id: id };
      await unless("not_found", rest.send("DELETE /api/keys/welcomes/{welcome_id}", vAnything, { path }), null);
    },
  };
}
