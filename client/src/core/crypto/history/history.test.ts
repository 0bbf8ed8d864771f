// The archive: what one device of a person opened, another can open later; what it costs when things go wrong on the way.

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { Database } from "../../db/database.ts";
import { commitWrites, takeTerm } from "../../db/ingest.ts";
import { ApiError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import { FakeRuntime } from "../../testing/runtime.ts";
import { TestServer } from "../e2ee/testing/server.ts";
import type { ArchivedKey } from "../keys/archive.ts";
import { Vault } from "../vault/vault.ts";
import { Archive } from "./archive.ts";
import { Filing, SETTLED, waitingRows } from "./filing.ts";
import { batchOf, MARKER, WAITING } from "./names.ts";
import { switchName } from "./state.ts";
import { setKeepsHistory } from "./switch.ts";
import type { Shelf } from "./shelf.ts";

const ME = "00000000-0000-7000-8000-000000000001";
const CHAT = "01900000-0000-7000-8000-00000000c4a7";
const SECRET = new Uint8Array(32).fill(7);

const clock = { now: 1_000_000 };
const runtime: Runtime = { now: () => clock.now, random: () => 0, newId: () => "id", after: () => () => {} };

interface Device {
  db: Database;
  vault: Vault;
  archive: Archive;
  filing: Filing;
}

let server: TestServer;
let device: Device;

async function newDevice(shelf: Shelf = server.shelf(ME), secret = SECRET): Promise<Device> {
  const db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  const vault = await Vault.open(db);
  const archive = new Archive(shelf, async () => secret, runtime);
  return { db, vault, archive, filing: new Filing({ db, vault, archive, term: await takeTerm(db), runtime }) };
}

const keyOf = (seq: number): ArchivedKey & { seq: number } => ({
  seq,
  senderId: ME,
  clientId: `message-${seq}`,
  capsule: { key: new Uint8Array(32).fill(seq % 256), digest: new Uint8Array(32).fill(255 - (seq % 256)) },
});
const opened = async ({ db, vault }: Device, ...seqs: number[]) =>
  commitWrites(db, await waitingRows(vault, CHAT, seqs.map(keyOf)));
const waiting = ({ vault }: Device) => vault.keys(WAITING);
const archived = async ({ archive }: Device, ...seqs: number[]) => {
  await archive.tags(CHAT, { fresh: true });
  return [...(await archive.find(CHAT, seqs)).keys()];
};

beforeEach(async () => {
  server = new TestServer();
  device = await newDevice();
});

describe("what was opened", () => {
  test("is archived in the batches that its places name, and found by another device", async () => {
    await opened(device, 1, 199, 200, 401);
    await device.filing.run();
    const other = await newDevice();
    expect(await archived(other, 1)).toEqual([`${ME}/message-1`, `${ME}/message-199`]);
    expect((await other.archive.find(CHAT, [401])).get(`${ME}/message-401`)).toEqual(keyOf(401).capsule);
    expect(batchOf(199)).toBe(0);
    expect(batchOf(200)).toBe(1);
  });

  test("is archived though people never stop talking", async () => {
    const time = new FakeRuntime();
    const { archive, db, vault } = device;
    const filing = new Filing({ db, vault, archive, term: await takeTerm(db), runtime: time });
    await opened(device, 1);
    for (let second = 0; second < 10; second += 1) {
      filing.wake();
      time.advance(1_000);
    }
    await vi.waitFor(async () => expect(await archived(await newDevice(), 1)).toEqual([`${ME}/message-1`]));
    filing.stop();
  });

  test("waits until it was seen in the archive, long enough after it was written", async () => {
    await opened(device, 1);
    expect(await device.filing.run()).toBe(true);
    expect(await device.filing.run()).toBe(true);
    expect(await waiting(device)).toHaveLength(1);
    clock.now += SETTLED;
    expect(await device.filing.run()).toBe(false);
    expect(await waiting(device)).toEqual([]);
  });

  test("comes back when another device wrote over it, having read the batch before", async () => {
    const shelf = server.shelf(ME);
    const before = new Map<string, Uint8Array | null>();
    // The other one reads an empty batch, and writes what it has after this one.
    const slow = await newDevice({ ...shelf, list: async () => [], get: async (chatId, batch) => before.get(`${chatId}/${batch}`) ?? null });
    await opened(device, 1);
    await opened(slow, 2);
    await device.filing.run();
    await slow.filing.run();
    expect(await archived(await newDevice(), 1)).toEqual([`${ME}/message-2`]);
    clock.now += SETTLED;
    await device.filing.run();
    expect(await archived(await newDevice(), 1)).toEqual([`${ME}/message-1`, `${ME}/message-2`]);
  });

  test("is not written again by a device that finds it there", async () => {
    await opened(device, 1, 2);
    await device.filing.run();
    let writes = 0;
    const shelf = server.shelf(ME);
    const other = await newDevice({ ...shelf, put: async (...of) => void ((writes += 1), await shelf.put(...of)) });
    await opened(other, 1, 2);
    expect(await other.filing.run()).toBe(false);
    expect([writes, await waiting(other)]).toEqual([0, []]);
  });

  test("survives a crash before and after the write", async () => {
    let crash = true;
    const shelf = server.shelf(ME);
    const lost = ApiError.local("offline");
    const frail = await newDevice({
      ...shelf,
      put: async (...of) => {
        await shelf.put(...of);
        if (crash) throw lost;
      },
    });
    await opened(frail, 1);
    await expect(frail.filing.run()).rejects.toBe(lost);
    crash = false;
    expect(await waiting(frail)).toHaveLength(1);
    await frail.filing.run();
    expect(await archived(frail, 1)).toEqual([`${ME}/message-1`]);
  });

  test("stays here when there is no room, which is said", async () => {
    const full = new ApiError({ code: "archive_full", message: "full", status: 409 });
    const frail = await newDevice({ ...server.shelf(ME), put: () => Promise.reject(full) });
    await opened(frail, 1);
    await expect(frail.filing.run()).rejects.toBe(full);
    expect(await waiting(frail)).toHaveLength(1);
  });

  test("does not go into a damaged batch, which is written anew", async () => {
    await server.shelf(ME).put(CHAT, 0, new Uint8Array(300));
    await opened(device, 5);
    await device.filing.run();
    expect(await archived(device, 5)).toEqual([`${ME}/message-5`]);
  });

  test("is closed to whoever has another archive key", async () => {
    await opened(device, 1);
    await device.filing.run();
    const stranger = await newDevice(server.shelf(ME), new Uint8Array(32).fill(8));
    expect(await archived(stranger, 1)).toEqual([]);
  });
});

describe("the switch", () => {
  test("off deletes what is there, and travels to the other devices", async () => {
    await opened(device, 1);
    await device.filing.run();
    const other = await newDevice();
    await setKeepsHistory(device.db, device.vault, device.archive, CHAT, false);
    expect((await server.shelf(ME).list(CHAT)).map(({ batch }) => batch)).toEqual([MARKER]);
    expect(await waiting(device)).toEqual([]);

    await opened(other, 2);
    await other.filing.run();
    expect(await waiting(other)).toEqual([]);
    expect((await other.db.meta.get(switchName(CHAT)))?.value).toBe(false);
    expect(await archived(other, 1, 2)).toEqual([]);
  });

  test("on again begins from there", async () => {
    await setKeepsHistory(device.db, device.vault, device.archive, CHAT, false);
    const other = await newDevice();
    await setKeepsHistory(other.db, other.vault, other.archive, CHAT, true);
    await opened(device, 3);
    await device.filing.run();
    expect((await device.db.meta.get(switchName(CHAT)))?.value).toBe(true);
    expect(await archived(other, 3)).toEqual([`${ME}/message-3`]);
  });
});
