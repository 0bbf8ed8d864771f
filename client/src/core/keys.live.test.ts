// Keys made by this client, kept and handed out by the real server: what one device publishes, another can use.

import { expect, test } from "vitest";

import { newRecoverySecret, unwrap, wrap } from "./crypto/keys/recovery.ts";
import { fromBase64, toBase64 } from "./crypto/mls/bytes.ts";
import { certify, isCertified, newSigningKey, readIdentity, type SigningKey } from "./crypto/mls/identity.ts";
import { newKeyPackage, readKeyPackage, type OwnKeyPackage } from "./crypto/mls/key-package.ts";
import type { FakeBrowser } from "./testing/browser.ts";
import { newPerson, type Person } from "./testing/people.ts";

const DAY = 86_400;
const SERVER = process.env["BATIYOUN_TEST_URL"] ?? "";

interface Answer<T> {
  status: number;
  json: T;
}

async function call<T = unknown>(browser: FakeBrowser, method: string, path: string, body?: unknown): Promise<Answer<T>> {
  const headers = { "content-type": "application/json", cookie: browser.cookie, origin: SERVER };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${SERVER}/api/${path}`, { method, headers, ...sent });
  const text = await response.text();
  return { status: response.status, json: (text === "" ? null : JSON.parse(text)) as T };
}

interface Found {
  identityKey: string;
  devices: { certificate: string; signatureKey: string }[];
}

interface Claims {
  packages: { keyPackage: string | null }[];
}

interface Device {
  deviceId: string;
  owner: SigningKey;
  packages: OwnKeyPackage[];
  lastResort: OwnKeyPackage;
}

async function withDevice({ browser, id: userId }: Person): Promise<Device> {
  const [owner, signer, deviceId, now] = [await newSigningKey(), await newSigningKey(), crypto.randomUUID(), Math.floor(Date.now() / 1_000)];
  expect((await call(browser, "PUT", "keys/identity", { key: toBase64(owner.public) })).status).toBe(201);
  const credential = await certify(owner, { userId, deviceId, signatureKey: signer.public, expires: now + 365 * DAY });
  const device = { certificate: toBase64(credential), signatureKey: toBase64(signer.public), name: "Laptop" };
  const registered = await call(browser, "PUT", `keys/devices/${deviceId}`, device);
  expect(registered.json).toMatchObject({ id: deviceId, current: true });
  const lifetime = { notBefore: now - 3_600, notAfter: now + 90 * DAY };
  const packages = await Promise.all(Array.from({ length: 60 }, () => newKeyPackage(credential, signer, lifetime)));
  const lastResort = await newKeyPackage(credential, signer, lifetime, true);
  const uploaded = await call(browser, "PUT", "keys/packages", {
    packages: packages.map((each) => toBase64(each.message)),
    lastResort: toBase64(lastResort.message),
  });
  expect(uploaded).toEqual({ status: 200, json: { left: 60 } });
  return { deviceId, owner, packages, lastResort };
}

test("what a device publishes, another finds, believes and can add it with", { timeout: 60_000 }, async () => {
  const [asha, bela] = [await newPerson("asha"), await newPerson("bela")];
  await withDevice(asha);
  const theirs = await withDevice(bela);

  const found = (await call<Found>(asha.browser, "GET", `users/${bela.id}/devices`)).json;
  expect(fromBase64(found.identityKey)).toEqual(theirs.owner.public);
  const [device] = found.devices;
  if (device === undefined) throw new Error("no device");
  expect(await isCertified(fromBase64(device.certificate), fromBase64(device.signatureKey))).toBe(true);
  expect(readIdentity(fromBase64(device.certificate))).toMatchObject({ userId: bela.id, deviceId: theirs.deviceId });

  const wish = { devices: [{ userId: bela.id, deviceId: theirs.deviceId }] };
  const claims = await Promise.all(Array.from({ length: 5 }, () => call<Claims>(asha.browser, "POST", "keys/packages/claim", wish)));
  const claimed = claims.map(({ json }): string => json.packages[0]?.keyPackage ?? "none");
  expect(new Set(claimed).size).toBe(5);
  const published = new Set(theirs.packages.map((each) => toBase64(each.message)));
  for (const each of claimed) {
    expect(published).toContain(each);
    expect(readKeyPackage(fromBase64(each)).leafNode.signaturePublicKey).toEqual(fromBase64(device.signatureKey));
  }
  expect((await call(bela.browser, "GET", "keys/packages")).json).toEqual({ left: 55, lastResort: true });
});

test("keys that were wrapped with a recovery code come back from the server", async () => {
  const asha = await newPerson("asha");
  const { owner } = await withDevice(asha);
  const [code, archiveKey] = [newRecoverySecret(), crypto.getRandomValues(new Uint8Array(32))];
  const wrapped = await wrap(code, asha.id, { identitySecret: owner.secret, archiveKey });
  expect((await call(asha.browser, "PUT", "keys/recovery", { wrapped: toBase64(wrapped) })).status).toBe(204);
  const kept = (await call<{ wrapped: string }>(asha.browser, "GET", "keys/recovery")).json;
  expect(await unwrap(code, asha.id, fromBase64(kept.wrapped))).toEqual({ identitySecret: owner.secret, archiveKey });
});

test("a device that somebody else made is refused, and says why", async () => {
  const [asha, bela] = [await newPerson("asha"), await newPerson("bela")];
  await withDevice(asha);
  const { owner } = await withDevice(bela);
  const [signer, deviceId] = [await newSigningKey(), crypto.randomUUID()];
  const wish = { userId: asha.id, deviceId, signatureKey: signer.public, expires: Math.floor(Date.now() / 1_000) + DAY };
  const foreign = { certificate: toBase64(await certify(owner, wish)), signatureKey: toBase64(signer.public), name: "Phone" };
  const answer = await call<{ code: string }>(asha.browser, "PUT", `keys/devices/${deviceId}`, foreign);
  expect([answer.status, answer.json.code]).toEqual([400, "certificate_invalid"]);
});
