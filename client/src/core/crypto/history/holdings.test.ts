// Which messages come back after they were taken off this device: counted by what the archive really has.

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";

import { Database } from "../../db/database.ts";
import { commitWrites } from "../../db/ingest.ts";
import { FakeRuntime } from "../../testing/runtime.ts";
import { TestServer } from "../e2ee/testing/server.ts";
import { Vault } from "../vault/vault.ts";
import { Archive } from "./archive.ts";
import { waitingRows } from "./filing.ts";
import { holdings } from "./holdings.ts";
import { closedRows } from "./names.ts";
import type { Shelf } from "./shelf.ts";
import { FULL } from "./state.ts";

const ME = "00000000-0000-7000-8000-000000000001";
const CHAT = "01900000-0000-7000-8000-00000000c4a7";
const capsule = { key: new Uint8Array(32).fill(1), digest: new Uint8Array(32).fill(2) };
const keyOf = (seq: number) => ({ seq, senderId: ME, clientId: `m${seq}`, capsule });
const rowOf = (seq: number | null) => ({ seq, senderId: ME, clientId: `m${seq}` });

let db: Database;
let vault: Vault;
let archive: Archive;
let reads: number;

beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  vault = await Vault.open(db);
  reads = 0;
  const shelf = new TestServer().shelf(ME);
  const counted: Shelf = { ...shelf, get: async (...of) => ((reads += 1), shelf.get(...of)) };
  archive = new Archive(counted, async () => new Uint8Array(32).fill(7), new FakeRuntime());
  await archive.write(CHAT, 0, [keyOf(1), keyOf(2)]);
  await archive.write(CHAT, 1, [keyOf(201)]);
  await archive.tags(CHAT, { fresh: true });
});

const held = async (...seqs: (number | null)[]): Promise<(number | null)[]> => {
  const { holds } = await holdings(db, vault, archive, CHAT);
  const found: (number | null)[] = [];
  for (const seq of seqs) if (await holds(rowOf(seq))) found.push(seq);
  return found;
};

test("those whose keys are archived, each batch asked for once", async () => {
  expect(await held(1, 2, 3, 201, 202, 401, null)).toEqual([1, 2, 201]);
  expect(reads).toBe(2);
});

test("those whose keys wait to be archived, unless there is no room for them", async () => {
  await commitWrites(db, await waitingRows(vault, CHAT, [keyOf(3), keyOf(202)]));
  expect(await held(1, 3, 202, 203)).toEqual([1, 3, 202]);
  await db.meta.put({ key: FULL, value: 1 });
  expect(await held(1, 3, 202, 203)).toEqual([1]);
});

test("those that are closed here, which have nothing to lose", async () => {
  await commitWrites(db, closedRows(CHAT, [{ seq: 5, cause: "not_joined" }]));
  expect(await held(4, 5)).toEqual([5]);
});

test("a key under another name does not count", async () => {
  const { holds } = await holdings(db, vault, archive, CHAT);
  expect(await holds({ ...rowOf(1), clientId: "m9" })).toBe(false);
  expect(await holds({ ...rowOf(1), senderId: CHAT })).toBe(false);
});
