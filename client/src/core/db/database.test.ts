import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { expect, test, vi } from "vitest";

import { ME } from "../testing/envelopes.ts";
import { Database, databaseName, wipe } from "./database.ts";

test("wiping waits for whoever still reads, and complains to nobody", async () => {
  const indexedDB = new IDBFactory();
  const options = { indexedDB, IDBKeyRange };
  const db = new Database(ME, options);
  await db.open();
  db.close();
  // Somebody who takes their time to close.
  const reader = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(databaseName(ME));
    request.addEventListener("success", () => resolve(request.result));
  });
  const told = new Promise<void>((resolve) => reader.addEventListener("versionchange", () => resolve()));
  const warn = vi.spyOn(console, "warn");
  let wiped = false;
  const wiping = wipe(ME, options).then(() => (wiped = true));
  await told;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(wiped).toBe(false);
  reader.close();
  await wiping;
  expect(warn).not.toHaveBeenCalled();
  expect(await indexedDB.databases()).toEqual([]);
});
