// What one device believes of a person's identity key, and how what it sees and what its owner says changes that. Pure.
//
// Trust on first use: the first key that goes by a person's name is theirs until somebody says otherwise. Another one is
// noted beside it and shown; which of the two is right only people can find out, by comparing numbers.

import { equal } from "../mls/bytes.ts";

export interface TrustRecord {
  /** The identity key that this device takes for the person's (raw Ed25519). */
  key: Uint8Array;
  /** Compared with the person, or told by an invitation of theirs. */
  verified: boolean;
  /** When `key` was taken, or verified; milliseconds since the epoch. */
  since: number;
  /** When the owner last said something of this person's keys, on whatever device; 0: never. */
  decided: number;
  /** Another key that goes by the person's name, and who said so; null: none. */
  other: { key: Uint8Array; by: "group" | "directory"; since: number } | null;
  /** Devices that were seen under `key`, the newest last. */
  devices: readonly string[];
}

export type TrustEvent =
  /** The person's devices in a group, each with the key that its certificate names and that signed it. */
  | { t: "seen"; devices: readonly { deviceId: string; key: Uint8Array }[] }
  /** What the server says that the person's key is. */
  | { t: "directory"; key: Uint8Array }
  /** The key that the person's own invitation names. */
  | { t: "invited"; key: Uint8Array }
  /** The owner has compared this key with the person. */
  | { t: "verified"; key: Uint8Array }
  /** The owner takes the mark away. */
  | { t: "unverified" }
  /** The owner believes this key without having compared it. */
  | { t: "accepted"; key: Uint8Array }
  /** What the owner said on another device of theirs, at that time. */
  | { t: "shared"; key: Uint8Array; verified: boolean; at: number };

/** What the owner should hear of: the first key, a further device, other keys. */
export type TrustNews = "first" | "device" | "changed";

export interface Judged {
  record: TrustRecord | null;
  news: TrustNews | null;
}

/** So many devices are remembered; the server allows twenty at a time. */
const DEVICES = 64;

/** What is believed after the event. The same record, by reference, when nothing changed. */
export function judgeTrust(record: TrustRecord | null, event: TrustEvent, now: number): Judged {
  switch (event.t) {
    case "seen":
      return seen(record, event.devices, now);
    case "directory":
      return said(record, event.key, now);
    case "invited":
      return invited(record, event.key, now);
    case "verified":
      return { record: believed(record, event.key, true, now), news: null };
    case "shared":
      return shared(record, event, now);
    case "accepted":
      // To accept what is believed already would take the mark away.
      if (record !== null && equal(record.key, event.key)) return { record, news: null };
      return { record: believed(record, event.key, false, now), news: null };
    case "unverified":
      if (!record?.verified) return { record, news: null };
      return { record: { ...record, verified: false, since: now, decided: now }, news: null };
  }
}

function seen(record: TrustRecord | null, devices: readonly { deviceId: string; key: Uint8Array }[], now: number): Judged {
  const [first] = devices;
  if (first === undefined) return { record, news: null };
  const pinned = record ?? fresh(first.key, { verified: false, since: now, decided: 0 });
  const fits = devices.filter((each) => equal(each.key, pinned.key));
  const foreign = devices.find((each) => !equal(each.key, pinned.key));
  const unknown = fits.map((each) => each.deviceId).filter((id) => !pinned.devices.includes(id));
  const known = unknown.length === 0 ? pinned : { ...pinned, devices: [...pinned.devices, ...unknown].slice(-DEVICES) };
  const noted = foreign === undefined ? known : suspected(known, foreign.key, "group", now);
  if (!sameKey(noted, known)) return { record: noted, news: "changed" };
  if (record === null) return { record: noted, news: "first" };
  // Of a key that was told before any device was seen under it, the first device is no further one.
  return { record: noted, news: unknown.length > 0 && record.devices.length > 0 ? "device" : null };
}

/** The directory alone makes nobody known: what counts is under which keys messages are locked. */
function said(record: TrustRecord | null, key: Uint8Array, now: number): Judged {
  if (record === null) return { record, news: null };
  if (!equal(record.key, key)) {
    const noted = suspected(record, key, "directory", now);
    return { record: noted, news: sameKey(noted, record) ? null : "changed" };
  }
  // It had named another key, which nobody ever used: it is right again.
  if (record.other?.by === "directory") return { record: { ...record, other: null }, news: null };
  return { record, news: null };
}

function suspected(record: TrustRecord, key: Uint8Array, by: "group" | "directory", now: number): TrustRecord {
  const { other } = record;
  if (other !== null && equal(other.key, key) && (other.by === by || other.by === "group")) return record;
  const since = other !== null && equal(other.key, key) ? other.since : now;
  return { ...record, other: { key, by, since } };
}

const sameKey = (one: TrustRecord, other: TrustRecord): boolean =>
  one.other === null ? other.other === null : other.other !== null && equal(one.other.key, other.other.key);

/**
 * An invitation is the person's own word, on another way than the server's. It counts more than a first sight, and less
 * than numbers that were compared: an old link may name keys of before.
 */
function invited(record: TrustRecord | null, key: Uint8Array, now: number): Judged {
  const word = { verified: true, since: now, decided: now };
  if (record === null) return { record: fresh(key, word), news: null };
  if (equal(record.key, key)) return { record: record.verified ? record : { ...record, ...word }, news: null };
  if (record.verified) return { record, news: null };
  return { record: { ...fresh(key, word), other: { key: record.key, by: "group", since: now } }, news: "changed" };
}

/**
 * The newest word of the owner counts, whichever device it was said on. It was said of the key that was known there: one
 * that was seen here and that it did not decide about stays beside it as a doubt.
 */
function shared(record: TrustRecord | null, { key, verified, at }: Extract<TrustEvent, { t: "shared" }>, now: number): Judged {
  if (record === null) return { record: fresh(key, { verified, since: at, decided: at }), news: null };
  if (record.decided >= at) return { record, news: null };
  const after = believed(record, key, verified, at);
  const doubted = after.other !== null || record.devices.length === 0 || equal(record.key, key);
  // The owner chose between exactly these two.
  if (doubted || (record.other !== null && equal(record.other.key, key))) return { record: after, news: null };
  return { record: { ...after, other: { key: record.key, by: "group", since: now } }, news: "changed" };
}

function believed(record: TrustRecord | null, key: Uint8Array, verified: boolean, now: number): TrustRecord {
  const word = { verified, since: now, decided: now };
  if (record === null) return fresh(key, word);
  const other = record.other !== null && equal(record.other.key, key) ? null : record.other;
  if (equal(record.key, key)) return { ...record, ...word, other };
  return { ...fresh(key, word), other };
}

type Word = Pick<TrustRecord, "verified" | "since" | "decided">;

const fresh = (key: Uint8Array, word: Word): TrustRecord => ({ key, ...word, other: null, devices: [] });

/** What the screens know of it. */
export interface PersonTrust {
  state: "first-seen" | "verified" | "changed";
  /** The keys before a change had been compared. */
  hadVerified: boolean;
  /** When it came to be so; milliseconds since the epoch. */
  since: number;
}

export function trustOf({ verified, other, since }: TrustRecord): PersonTrust {
  if (other !== null) return { state: "changed", hadVerified: verified, since: other.since };
  return { state: verified ? "verified" : "first-seen", hadVerified: verified, since };
}
