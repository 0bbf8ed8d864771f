// Whose keys a chat's messages are locked with, on the product's engine: phones with databases, one server that may lie.

import { expect, test } from "vitest";

import { CHAT } from "../e2ee/testing/phone.ts";
import { TestServer } from "../e2ee/testing/server.ts";
import { readIdentity } from "../mls/identity.ts";
import { testDevice } from "../mls/testing/device.ts";
import { trustOf, type PersonTrust, type TrustEvent } from "../trust/model.ts";
import { TrustStore } from "../trust/store.ts";
import { VaultPhone } from "./testing/vault-phone.ts";

const clock = { now: Date.UTC(2026, 10, 23) };

class Place {
  readonly server = new TestServer();
  readonly phones: VaultPhone[] = [];
  readonly #type: "direct" | "group";

  constructor(type: "direct" | "group") {
    this.#type = type;
  }

  async phone(person: number, device = 0, life = 0): Promise<VaultPhone> {
    const of = await testDevice(person, device, life);
    const phone = new VaultPhone(of, this.server, () => {}, clock);
    this.phones.push(phone);
    this.server.members.add(of.userId);
    await phone.publish(4);
    for (const each of this.phones) await this.#furnish(each);
    return phone;
  }

  /** What each database knows of the chat. */
  async #furnish({ db, device }: VaultPhone): Promise<void> {
    const people = [...this.server.members];
    const partnerId = this.#type === "direct" ? (people.find((id) => id !== device.userId) ?? device.userId) : null;
    await db.chats.update(CHAT, { type: this.#type, partnerId, memberCount: people.length });
    await db.members.bulkPut(people.map((userId) => ({ chatId: CHAT, userId, role: "member" as const, deliveredSeq: 0, readSeq: 0 })));
  }

  /** Somebody loses everything and begins again with a new key, on a new device. */
  async startOver(gone: VaultPhone, person: number): Promise<VaultPhone> {
    this.server.revoke(gone.device.deviceId);
    this.server.close();
    this.phones.splice(this.phones.indexOf(gone), 1);
    return this.phone(person, 7, 1);
  }

  async calm(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      for (const phone of this.phones) {
        await phone.sync();
        await phone.flush();
      }
    }
  }
}

const storeOf = async (phone: VaultPhone): Promise<TrustStore> =>
  new TrustStore({ db: phone.db, vault: await phone.vault(), now: () => clock.now });

async function seenBy(phone: VaultPhone, other: VaultPhone): Promise<PersonTrust | undefined> {
  const record = (await (await storeOf(phone)).all()).get(other.device.userId);
  return record && trustOf(record);
}

async function decide(phone: VaultPhone, other: VaultPhone, t: "verified" | "accepted"): Promise<void> {
  const key = keyOf(other);
  await (await storeOf(phone)).change([{ userId: other.device.userId, event: { t, key } satisfies TrustEvent }]);
}

function keyOf(phone: VaultPhone): Uint8Array {
  const key = readIdentity(phone.device.credential)?.identityKey;
  if (!key) throw new Error("no key");
  return key;
}

async function told(phone: VaultPhone): Promise<string[]> {
  const rows = await phone.db.words.openMessages(await phone.db.messagesIn(CHAT).filter((row) => row.kind === "system").toArray());
  return rows.flatMap(({ body }) => (body.t === "system" && body.event.what === "keys" ? [body.event.news] : []));
}

const HELD = { code: "keys_changed", retryable: true };

test("two who talk alone know each other's keys from the first message; a further device is told", async () => {
  const place = new Place("direct");
  const [asha, bela] = [await place.phone(1), await place.phone(2)];
  await asha.write("hello");
  await place.calm();
  expect(await seenBy(asha, bela)).toMatchObject({ state: "first-seen" });
  expect(await seenBy(bela, asha)).toMatchObject({ state: "first-seen" });
  await place.phone(2, 1);
  await place.calm();
  expect(await told(asha)).toEqual(["first", "device"]);
  expect(await seenBy(asha, bela)).toMatchObject({ state: "first-seen" });
});

test("test_48_new_keys_hold_what_is_written_until_they_are_accepted", async () => {
  const place = new Place("direct");
  const [asha, bela] = [await place.phone(1), await place.phone(2)];
  await asha.write("hello");
  await place.calm();
  const again = await place.startOver(bela, 2);
  await asha.write("the key is under the pot");
  await expect(asha.flush()).rejects.toMatchObject(HELD);
  expect(await seenBy(asha, again)).toMatchObject({ state: "changed", hadVerified: false });
  expect(await told(asha)).toEqual(["first", "changed"]);
  // The change of the group was followed all the same, and the words wait.
  expect(asha.chat.status === "frozen").toBe(false);
  await again.sync();
  await again.look();
  expect(again.shown.map(({ text }) => text)).not.toContain("the key is under the pot");

  await decide(asha, again, "accepted");
  expect(await asha.flush()).toBe("sent");
  await again.sync();
  await again.look();
  expect(again.shown.map(({ text }) => text)).toContain("the key is under the pot");
  expect(await seenBy(asha, again)).toMatchObject({ state: "first-seen" });
});

test("a group goes on when somebody has new keys, unless they had been compared", async () => {
  const place = new Place("group");
  const [asha, bela, chitra] = [await place.phone(1), await place.phone(2), await place.phone(3)];
  await asha.write("hello");
  await place.calm();
  await decide(chitra, bela, "verified");
  const again = await place.startOver(bela, 2);
  await asha.write("one");
  expect(await asha.flush()).toBe("sent");
  await chitra.write("two");
  await chitra.sync();
  await expect(chitra.flush()).rejects.toMatchObject(HELD);
  expect(await seenBy(chitra, again)).toMatchObject({ state: "changed", hadVerified: true });
  expect(await told(asha)).toEqual(["changed"]);
  expect(await told(chitra)).toEqual(["changed"]);
  await decide(chitra, again, "verified");
  expect(await chitra.flush()).toBe("sent");
  expect(await seenBy(chitra, again)).toMatchObject({ state: "verified" });
});

test("a server that tells of another key than the group's is seen", async () => {
  const place = new Place("direct");
  const [asha, bela] = [await place.phone(1), await place.phone(2)];
  place.server.identities.set(bela.device.userId, new Uint8Array(32).fill(7));
  await asha.write("hello");
  await expect(asha.flush()).rejects.toMatchObject(HELD);
  expect(await seenBy(asha, bela)).toMatchObject({ state: "changed" });
  expect(await told(asha)).toEqual(["first", "changed"]);
});

test("what another tab decided counts at once, and two that decide at once lose nothing", async () => {
  const place = new Place("direct");
  const asha = await place.phone(1);
  const [one, other] = [await storeOf(asha), await storeOf(asha)];
  const key = (number: number): Uint8Array => new Uint8Array(32).fill(number);
  const people = Array.from({ length: 12 }, (_, number) => `person ${number}`);
  await Promise.all(
    people.map((userId, number) =>
      (number % 2 === 0 ? one : other).change([{ userId, event: { t: "invited", key: key(number) } }]),
    ),
  );
  expect([...(await one.all()).keys()].toSorted()).toEqual(people.toSorted());
  expect((await other.all()).get("person 3")?.key).toEqual(key(3));
});
