import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";

import { Database } from "../../db/database.ts";
import { commitWrites } from "../../db/ingest.ts";
import { ApiError } from "../../errors.ts";
import { ME } from "../../testing/envelopes.ts";
import { systemRuntime } from "../../runtime.ts";
import { keepNext, newPersonKeys, readDevice } from "../devices/own.ts";
import type { Directory } from "../e2ee/rest.ts";
import { isCertified, newSigningKey, readIdentity } from "../mls/identity.ts";
import { packagedDevice } from "../mls/inspect.ts";
import { findPackage, Keyring } from "./keyring.ts";
import { Vault } from "./vault.ts";

let db: Database;

beforeEach(() => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
});

test("what is kept is sealed by a key that cannot be read out, and found again by another tab", async () => {
  const vault = await Vault.open(db);
  await commitWrites(db, [await vault.write("group/1", { words: "nobody else's business" })]);
  const key = (await db.vault.get("key"))?.value as CryptoKey;
  expect(key.extractable).toBe(false);
  const stored = (await db.vault.get("group/1"))?.value as Uint8Array;
  expect(new TextDecoder().decode(stored)).not.toContain("nobody");
  const [one, other] = await Promise.all([Vault.open(db), Vault.open(db)]);
  expect(await one.read("group/1")).toEqual({ words: "nobody else's business" });
  expect(await other.read("group/2")).toBeUndefined();
});

test("two tabs that begin at once have one key", async () => {
  const [one, other] = await Promise.all([Vault.open(db), Vault.open(db)]);
  await commitWrites(db, [await one.write("a", 1)]);
  expect(await other.read("a")).toBe(1);
});

test("a row in the place of another, or changed, is refused", async () => {
  const vault = await Vault.open(db);
  await commitWrites(db, [await vault.write("a", 1)]);
  const value = (await db.vault.get("a"))?.value as Uint8Array;
  await db.vault.put({ key: "b", value });
  await expect(vault.read("b")).rejects.toThrow("cannot be opened");
  await db.vault.put({ key: "a", value: value.map((byte, place) => (place === 20 ? byte ^ 1 : byte)) });
  await expect(vault.read("a")).rejects.toThrow("cannot be opened");
});

/** A directory in memory; `down` makes the next call of that name fail on the way. */
class FakeDirectory implements Directory {
  key: Uint8Array | null = null;
  readonly devices = new Map<string, { certificate: Uint8Array; signatureKey: Uint8Array }>();
  published: Uint8Array[] = [];
  lastResort: Uint8Array | null = null;
  down: keyof Directory | null = null;

  #pass(name: keyof Directory): void {
    if (this.down !== name) return;
    this.down = null;
    throw ApiError.local("offline");
  }
  async identity() {
    return this.key && { key: this.key, resetAt: null, recoveryAt: null, passkeyAt: null };
  }
  async deviceName() {
    return "Firefox on Linux";
  }
  async claimIdentity(key: Uint8Array) {
    this.key ??= key;
    this.#pass("claimIdentity");
    return this.key === key;
  }
  async register(deviceId: string, of: { certificate: Uint8Array; signatureKey: Uint8Array }) {
    this.devices.set(deviceId, of);
    this.#pass("register");
  }
  async packages() {
    return { left: this.published.length, lastResort: this.lastResort !== null };
  }
  async publish(packages: readonly Uint8Array[], lastResort: Uint8Array | null) {
    this.#pass("publish");
    this.published.push(...packages);
    this.lastResort = lastResort ?? this.lastResort;
  }
  async identityOf() {
    return null;
  }
  async welcomes() {
    return [];
  }
  async welcomed() {}
}

async function open(directory: Directory): Promise<Keyring> {
  return Keyring.open({ db, vault: await Vault.open(db), directory, me: ME, runtime: systemRuntime });
}

test("a device is made once, whatever fails on the way, and certified by its person's key", async () => {
  const directory = new FakeDirectory();
  for (const step of ["claimIdentity", "register"] as const) {
    directory.down = step;
    await expect(open(directory)).rejects.toMatchObject({ code: "offline" });
  }
  const { self } = await open(directory);
  expect([...directory.devices.keys()]).toEqual([self.deviceId]);
  const { certificate, signatureKey } = directory.devices.get(self.deviceId) ?? {};
  if (!certificate || !signatureKey) throw new Error("not registered");
  expect(readIdentity(certificate)).toMatchObject({ ...self, identityKey: directory.key });
  expect(await isCertified(certificate, signatureKey)).toBe(true);
  expect((await open(directory)).self).toEqual(self);
});

test("a person who has keys elsewhere does not get other ones by signing in", async () => {
  const directory = new FakeDirectory();
  directory.key = (await newSigningKey()).public;
  await expect(open(directory)).rejects.toMatchObject({ code: "not_linked" });
  expect(directory.devices.size).toBe(0);
});

function gate(): { passed: Promise<void>; open: () => void } {
  let pass = (): void => {};
  const passed = new Promise<void>((resolve) => (pass = resolve));
  return { passed, open: () => pass() };
}

test("engines that begin at once when the person starts over become one device", async () => {
  const begun = new FakeDirectory();
  await open(begun);
  const vault = await Vault.open(db);
  const next = await newPersonKeys();
  await keepNext(db, vault, { ...next, at: null });
  const [one, other, quickIsDone] = [gate(), gate(), gate()];
  /** One whose answer to `name` is under way until the quick one is done. */
  const slow = (name: "identity" | "deviceName", reached: () => void): FakeDirectory => {
    const directory = new FakeDirectory();
    directory.key = next.identity.public;
    const answer = directory[name].bind(directory) as () => Promise<never>;
    directory[name] = async () => {
      reached();
      await quickIsDone.passed;
      return answer();
    };
    return directory;
  };
  const opening = [open(slow("identity", one.open)), open(slow("deviceName", other.open))];
  await Promise.all([one.passed, other.passed]);
  begun.key = next.identity.public;
  const { self } = await open(begun);
  quickIsDone.open();
  for (const each of await Promise.all(opening)) expect(each.self).toEqual(self);
  expect(await readDevice(vault)).toMatchObject({ deviceId: self.deviceId, identity: { public: next.identity.public } });
});

test("key packages are kept before they are published, and topped up when few are left", async () => {
  const directory = new FakeDirectory();
  const keyring = await open(directory);
  directory.down = "publish";
  await expect(keyring.replenish()).rejects.toMatchObject({ code: "offline" });
  await keyring.replenish();
  expect(directory.published).toHaveLength(60);
  expect(directory.published.every((each) => packagedDevice(each)?.deviceId === keyring.self.deviceId)).toBe(true);
  expect(directory.lastResort).not.toBeNull();
  const before = await db.vault.count();
  await keyring.replenish();
  expect(await db.vault.count()).toBe(before);
  directory.published = directory.published.slice(0, 29);
  await keyring.replenish();
  expect(directory.published).toHaveLength(60);
});

test("a one-time key package is spent by its use, the last resort is not", async () => {
  const directory = new FakeDirectory();
  await (await open(directory)).replenish();
  const vault = await Vault.open(db);
  const names = await vault.keys("package/");
  const bytes = (name: string): Uint8Array =>
    Uint8Array.from(name.split("/")[1]?.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const spent = await Promise.all(names.map(async (name) => (await findPackage(vault, [bytes(name)]))?.spent.length));
  expect(spent.filter((count) => count === 1)).toHaveLength(60);
  expect(spent.filter((count) => count === 0)).toHaveLength(1);
  expect(await findPackage(vault, [new Uint8Array(64)])).toBeNull();
});
