// Groups made and changed by this client's own engine, kept by the real server (with encryption on): who can read what.

import { expect, test } from "vitest";

import { EncryptedChat, newRecord } from "./crypto/e2ee/chat.ts";
import type { CommitRequest, Delivery, LogEntry, Posted, Roster } from "./crypto/e2ee/model.ts";
import { plaintext } from "./crypto/plaintext.ts";
import { settle, type Hands, type Settled } from "./crypto/e2ee/settle.ts";
import { equal, fromBase64, toBase64 } from "./crypto/mls/bytes.ts";
import { sealContent } from "./crypto/mls/content.ts";
import { certify, newSigningKey, type SigningKey } from "./crypto/mls/identity.ts";
import { welcomed } from "./crypto/mls/inspect.ts";
import { newKeyPackage, type OwnKeyPackage } from "./crypto/mls/key-package.ts";
import type { FakeBrowser } from "./testing/browser.ts";
import { newPerson, type Person } from "./testing/people.ts";

/** These tests are the engine themselves: the browsers of their people encrypt nothing. */
const byHand = (): typeof plaintext => plaintext;

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

const wire = (bytes: Uint8Array | null): string | null => (bytes === null ? null : toBase64(bytes));

function done({ status, json }: Answer<unknown>): void {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(json)}`);
}

/** A device with its engine, over plain requests: what it keeps is in memory. */
class Phone implements Delivery {
  readonly person: Person;
  readonly deviceId = crypto.randomUUID();
  readonly #signer: SigningKey;
  readonly #credential: Uint8Array;
  readonly #keys: OwnKeyPackage[] = [];
  readonly heard: string[] = [];
  readonly sealed: string[] = [];
  chat: EncryptedChat;
  #cursor = 0;

  private constructor(person: Person, signer: SigningKey, credential: Uint8Array, deviceId: string, chatId: string) {
    this.person = person;
    this.deviceId = deviceId as typeof this.deviceId;
    this.#signer = signer;
    this.#credential = credential;
    this.chat = new EncryptedChat({ userId: person.id, deviceId }, newRecord(chatId));
  }

  /** Register the person's first device, and publish key packages. */
  static async of(person: Person, chatId: string): Promise<Phone> {
    const [owner, signer, deviceId, now] = [await newSigningKey(), await newSigningKey(), crypto.randomUUID(), Math.floor(Date.now() / 1_000)];
    await call(person.browser, "PUT", "keys/identity", { key: toBase64(owner.public) });
    const wish = { userId: person.id, deviceId, signatureKey: signer.public, expires: now + 365 * DAY };
    const credential = await certify(owner, wish);
    const device = { certificate: toBase64(credential), signatureKey: toBase64(signer.public), name: "Phone" };
    done(await call(person.browser, "PUT", `keys/devices/${deviceId}`, device));
    const phone = new Phone(person, signer, credential, deviceId, chatId);
    const packages: string[] = [];
    for (let left = 3; left > 0; left -= 1) packages.push(toBase64((await phone.newKeyPackage()).message));
    done(await call(person.browser, "PUT", "keys/packages", { packages }));
    return phone;
  }

  async newKeyPackage(): Promise<OwnKeyPackage> {
    const now = Math.floor(Date.now() / 1_000);
    const made = await newKeyPackage(this.#credential, this.#signer, { notBefore: now - 3_600, notAfter: now + 90 * DAY });
    this.#keys.push(made);
    return made;
  }

  // ── the server ───────────────────────────────────────────────────────────────────────────────────────────────────

  #ask<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    return call<T>(this.person.browser, method, path, body);
  }

  async roster(chatId: string): Promise<Roster> {
    return (await this.#ask<Roster>("GET", `chats/${chatId}/group`)).json;
  }

  async groupInfo(chatId: string): Promise<{ epoch: number; groupInfo: Uint8Array } | null> {
    const { status, json } = await this.#ask<{ epoch: number; groupInfo: string }>("GET", `chats/${chatId}/group-info`);
    return status === 404 ? null : { epoch: json.epoch, groupInfo: fromBase64(json.groupInfo) };
  }

  async claim(_chatId: string, devices: readonly { userId: string; deviceId: string }[]): Promise<Uint8Array[]> {
    const { json } = await this.#ask<{ packages: { keyPackage: string | null }[] }>("POST", "keys/packages/claim", { devices });
    return json.packages.flatMap(({ keyPackage }) => (keyPackage === null ? [] : [fromBase64(keyPackage)]));
  }

  async commit(chatId: string, { commitId, commit, groupInfo, welcome }: CommitRequest): Promise<Posted> {
    const body = { commitId, commit: wire(commit), groupInfo: wire(groupInfo), welcome: wire(welcome) };
    const { status, json } = await this.#ask<{ seq: number; epoch: number; code: string }>("POST", `chats/${chatId}/commits`, body);
    if (status < 300) return { kind: "accepted", seq: json.seq, epoch: json.epoch };
    return json.code === "epoch_stale" ? { kind: "stale" } : { kind: "refused", code: json.code };
  }

  // ── the engine ───────────────────────────────────────────────────────────────────────────────────────────────────

  async sync(): Promise<void> {
    const { json } = await this.#ask<{ welcomes: { id: string; welcome: string }[] }>("GET", "keys/welcomes");
    for (const { id, welcome } of json.welcomes) {
      const refs = welcomed(fromBase64(welcome));
      const own = this.#keys.find((keys) => refs.some((ref) => equal(ref, keys.ref)));
      if (own !== undefined) await this.chat.welcome(fromBase64(welcome), own, Date.now());
      done(await this.#ask("DELETE", `keys/welcomes/${id}`));
    }
    const path = `chats/${this.chat.chatId}/messages?after=${this.#cursor}&limit=500`;
    const page = (await this.#ask<{ messages: (Omit<LogEntry, "mls"> & { mls: string | null })[] }>("GET", path)).json;
    for (const entry of page.messages) {
      this.#cursor = entry.seq;
      const reading = await this.chat.read({ ...entry, mls: entry.mls === null ? null : fromBase64(entry.mls) });
      if (reading.kind === "opened") this.heard.push((reading.body as { text: string }).text);
      if (reading.kind === "sealed") this.sealed.push(reading.cause);
    }
  }

  async settle(): Promise<Settled> {
    const hands: Hands = {
      delivery: this,
      self: { userId: this.person.id, deviceId: this.deviceId },
      newKeyPackage: () => this.newKeyPackage(),
      groupId: (chatId, generation) => new TextEncoder().encode(`${chatId}/${generation}`),
      newCommitId: () => crypto.randomUUID(),
      now: () => Date.now(),
      save: async () => {},
    };
    for (let tries = 0; tries < 20; tries += 1) {
      await this.sync();
      const settled = await settle(this.chat, hands, { renew: false });
      if (settled.kind !== "behind") return settled;
    }
    throw new Error("never caught up");
  }

  /** The answer to a message in the epoch that this device is in. */
  async post(text: string): Promise<Answer<{ code?: string }>> {
    const clientId = crypto.randomUUID();
    const { content, iv, capsule } = await sealContent({ t: "text", text });
    const mls = toBase64(await this.chat.wrap(capsule, clientId));
    return this.#ask("PUT", `chats/${this.chat.chatId}/messages/${clientId}`, { content, iv, mls, encrypted: true });
  }

  async say(text: string): Promise<void> {
    const settled = await this.settle();
    if (settled.kind !== "ready") throw new Error(`cannot speak: ${settled.kind}`);
    done(await this.post(text));
  }

  loseState(): void {
    this.chat = new EncryptedChat({ userId: this.person.id, deviceId: this.deviceId }, newRecord(this.chat.chatId));
  }
}

async function family(...names: string[]): Promise<Phone[]> {
  const people = await Promise.all(names.map((name) => newPerson(name, byHand)));
  const [owner, ...others] = people;
  if (owner === undefined) throw new Error("nobody");
  const wish = { type: "group", participants: others.map((each) => each.id) };
  const made = await call<{ id: string; encryption: string }>(owner.browser, "POST", "chats", wish);
  done(made);
  if (made.json.encryption !== "mls") throw new Error("not encrypted");
  return Promise.all(people.map((person) => Phone.of(person, made.json.id)));
}

test("a family talks, and everybody reads it", { timeout: 60_000 }, async () => {
  const [asha, bela, chitra] = (await family("asha", "bela", "chitra")) as [Phone, Phone, Phone];
  await asha.say("who comes tonight?");
  await bela.say("I do");
  await chitra.say("me, too");
  for (const phone of [asha, bela, chitra]) await phone.sync();
  expect(asha.heard).toEqual(["I do", "me, too"]);
  expect(bela.heard).toEqual(["who comes tonight?", "me, too"]);
  expect(chitra.heard).toEqual(["who comes tonight?", "I do"]);
  const log = await call<{ messages: { content: string }[] }>(asha.person.browser, "GET", `chats/${asha.chat.chatId}/messages?after=0`);
  expect(JSON.stringify(log.json)).not.toContain("tonight");
});

test("five devices that begin at once end in one group", { timeout: 120_000 }, async () => {
  const phones = await family("asha", "bela", "chitra", "dev", "esha");
  await Promise.all(phones.map((phone) => phone.settle()));
  for (const phone of phones) await phone.say(`from ${phone.person.username}`);
  for (const phone of phones) await phone.sync();
  const [first] = phones;
  for (const phone of phones) {
    expect(phone.chat.authenticator).toEqual(first?.chat.authenticator);
    expect(phone.sealed).toEqual([]);
    expect(phone.heard).toHaveLength(phones.length - 1);
  }
});

test("who was taken out reads nothing of what comes after, and nothing old is taken", { timeout: 60_000 }, async () => {
  const [asha, bela, chitra] = (await family("asha", "bela", "chitra")) as [Phone, Phone, Phone];
  await asha.say("all three");
  await bela.settle();
  await chitra.settle();
  const path = `chats/${asha.chat.chatId}/members/${chitra.person.id}`;
  expect((await call(asha.person.browser, "DELETE", path)).status).toBe(204);
  const early = await bela.post("chitra could read this");
  expect([early.status, early.json.code]).toEqual([409, "epoch_stale"]);
  await bela.say("only two");
  await asha.sync();
  expect(asha.heard).toEqual(["only two"]);
  const late = await chitra.post("still here?");
  expect([late.status, late.json.code]).toEqual([404, "chat_not_found"]);
  expect((await call(chitra.person.browser, "GET", `chats/${asha.chat.chatId}/group-info`)).status).toBe(404);
});

test("a device that lost its state comes back by itself", { timeout: 60_000 }, async () => {
  const [asha, bela] = (await family("asha", "bela")) as [Phone, Phone];
  await asha.say("one");
  await bela.settle();
  bela.loseState();
  await bela.say("back again");
  await asha.say("two");
  await asha.sync();
  await bela.sync();
  expect(asha.heard).toEqual(["back again"]);
  expect(bela.heard.at(-1)).toBe("two");
});

test("words that are not sealed are refused", { timeout: 60_000 }, async () => {
  const [asha] = (await family("asha", "bela")) as [Phone, Phone];
  await asha.say("one");
  const open = { content: "in the open", encrypted: false };
  const answer = await call<{ code: string }>(asha.person.browser, "PUT", `chats/${asha.chat.chatId}/messages/x`, open);
  expect([answer.status, answer.json.code]).toEqual([409, "encryption_required"]);
});
