// What is decided about somebody's keys on one device, on the others of the same person; and what a server can do to it.

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { expect, test } from "vitest";

import { Database } from "../../db/database.ts";
import { takeTerm } from "../../db/ingest.ts";
import { ApiError } from "../../errors.ts";
import { FakeRuntime } from "../../testing/runtime.ts";
import type { Shelf } from "../history/shelf.ts";
import { Vault } from "../vault/vault.ts";
import { Marks, MAX_MARKS, placeOf } from "./marks.ts";
import { trustOf, type TrustEvent } from "./model.ts";
import { TrustStore, type PersonEvent } from "./store.ts";

const ME = "01a20428-0000-7000-8000-00000000000a";
const key = (number: number): Uint8Array => new Uint8Array(32).fill(number);

/** What the server keeps, and may do with it. */
class Kept implements Shelf {
  readonly batches = new Map<number, { data: Uint8Array; tag: string }>();
  readonly asked: string[] = [];
  away = false;
  refused = 0;
  #writes = 0;

  async list(): Promise<{ batch: number; tag: string }[]> {
    this.#ask("list");
    return [...this.batches].map(([batch, { tag }]) => ({ batch, tag }));
  }

  async get(_chatId: string, batch: number): Promise<Uint8Array | null> {
    this.#ask("get");
    return this.batches.get(batch)?.data ?? null;
  }

  async put(chatId: string, batch: number, data: Uint8Array): Promise<void> {
    this.#ask("put");
    if (chatId !== ME) throw new Error("marks are of no chat");
    this.write(batch, data);
  }

  async drop(): Promise<void> {}

  write(batch: number, data: Uint8Array): void {
    this.batches.set(batch, { data, tag: String((this.#writes += 1)) });
  }

  #ask(what: string): void {
    if (this.away) this.refused += 1;
    if (this.away) throw ApiError.local("offline");
    this.asked.push(what);
  }
}

interface Phone {
  marks: Marks;
  runtime: FakeRuntime;
  place: number;
  decide(userId: string, event: TrustEvent): Promise<void>;
  decideAll(events: readonly PersonEvent[]): Promise<void>;
  state(userId: string): Promise<string | undefined>;
}

async function phone(shelf: Shelf, number: number, at = 1_000): Promise<Phone> {
  const db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  const vault = await Vault.open(db);
  const runtime = new FakeRuntime();
  const deviceId = `01a20428-0000-7000-8000-00000000000${number}`;
  const secret = async () => new Uint8Array(32).fill(7);
  const marks = new Marks({ db, vault, shelf, me: ME, deviceId, secret, term: await takeTerm(db), runtime });
  let now = at;
  const store = new TrustStore({ db, vault, now: () => (now += 1) });
  return {
    marks,
    runtime,
    place: placeOf(deviceId),
    decide: async (userId, event) => void (await store.change([{ userId, event }])),
    decideAll: async (events) => void (await store.change(events)),
    state: async (userId) => {
      const record = (await store.all()).get(userId);
      return record && trustOf(record).state;
    },
  };
}

test("what was compared on one device is compared on all, and so is what was taken back", async () => {
  const shelf = new Kept();
  const [one, other] = [await phone(shelf, 1), await phone(shelf, 2, 2_000)];
  await one.decide("bela", { t: "verified", key: key(1) });
  await one.decide("dev", { t: "seen", devices: [{ deviceId: "d", key: key(4) }] });
  await one.marks.run();
  await other.marks.run();
  expect(await other.state("bela")).toBe("verified");
  expect(await other.state("dev")).toBeUndefined();
  await other.decide("bela", { t: "unverified" });
  await other.marks.run();
  await one.marks.run();
  expect(await one.state("bela")).toBe("first-seen");
  // A third one learns it all from any of the two.
  shelf.batches.delete(one.place);
  const third = await phone(shelf, 3);
  await third.marks.run();
  expect(await third.state("bela")).toBe("first-seen");
});

test("nothing is written twice, or read twice, and nothing at all while nothing was decided", async () => {
  const shelf = new Kept();
  const [one, other] = [await phone(shelf, 1), await phone(shelf, 2)];
  await one.marks.run();
  expect(shelf.asked).toEqual(["list"]);
  await one.decide("bela", { t: "verified", key: key(1) });
  for (const each of [one, other, one, other, one]) await each.marks.run();
  shelf.asked.length = 0;
  for (const each of [one, other]) await each.marks.run();
  expect(shelf.asked).toEqual(["list", "list"]);
});

test("test_48_a_server_that_changes_or_swaps_what_it_keeps_makes_nobody_compared", async () => {
  const shelf = new Kept();
  const [one, other] = [await phone(shelf, 1), await phone(shelf, 2)];
  await one.decide("bela", { t: "verified", key: key(1) });
  await one.marks.run();
  const [[place, { data }] = [0, { data: new Uint8Array() }]] = [...shelf.batches];
  const bent = data.slice();
  bent[20] = (bent[20] ?? 0) ^ 1;
  shelf.batches.clear();
  shelf.write(place, bent);
  shelf.write(place + 1, data);
  shelf.write(place + 2, new Uint8Array(3));
  await other.marks.run();
  expect(await other.state("bela")).toBeUndefined();
  // Its own, bent, is written again by whoever begins with it.
  const again = await phone(shelf, 1);
  await again.decide("bela", { t: "verified", key: key(1) });
  await again.marks.run();
  await other.marks.run();
  expect(await other.state("bela")).toBe("verified");
});

test("what is decided is carried by itself, also after the server was away", async () => {
  const shelf = new Kept();
  const [one, other] = [await phone(shelf, 1), await phone(shelf, 2)];
  shelf.away = true;
  one.marks.start();
  await one.decide("bela", { t: "verified", key: key(1) });
  const passes = (): void => one.runtime.advance(600_000);
  await expect.poll(() => (passes(), shelf.refused)).toBeGreaterThan(1);
  shelf.away = false;
  await expect.poll(() => (passes(), shelf.batches.size)).toBe(1);
  await other.marks.run();
  expect(await other.state("bela")).toBe("verified");
  one.marks.stop();
});

test("of very many the last are carried", async () => {
  const shelf = new Kept();
  const one = await phone(shelf, 1);
  const people = Array.from({ length: MAX_MARKS + 1 }, (_, number) => `person ${number}`);
  await one.decide("person 0", { t: "verified", key: key(1) });
  const events = people.slice(1).map((userId) => ({ userId, event: { t: "verified" as const, key: key(2) } }));
  await one.decideAll(events);
  await one.marks.run();
  const [batch] = [...shelf.batches.values()];
  expect(batch?.data.length).toBeLessThan(200_000);
  const other = await phone(shelf, 2);
  await other.marks.run();
  expect([await other.state("person 0"), await other.state("person 1")]).toEqual([undefined, "verified"]);
});
