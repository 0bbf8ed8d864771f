import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { expect, test } from "vitest";

import { eventually } from "../testing/wait.ts";
import { Database } from "./database.ts";
import { query } from "./live-query.ts";

const place = () => new Database("01a20428-0000-7000-8000-000000000001", { indexedDB: new IDBFactory(), IDBKeyRange });

test("while much is written it is read now and then, and the last state is told", async () => {
  const db = place();
  let reads = 0;
  const numbers = query(async () => {
    reads += 1;
    return db.meta.count();
  });
  const stop = numbers.subscribe(() => {});
  const began = performance.now();
  for (let number = 0; number < 200; number += 1) await db.meta.put({ key: `k${number}`, value: number });
  await eventually(numbers, (count) => count === 200);
  // Four in a row, then one for each tenth of a second, and some for a moment in which nothing changed.
  expect(reads).toBeLessThan(8 + (performance.now() - began) / 100);
  stop();
  db.close();
});

test("what nobody listens to any more is not read, not even after a rest", async () => {
  const db = place();
  let reads = 0;
  const numbers = query(async () => {
    reads += 1;
    return db.meta.count();
  });
  const stop = numbers.subscribe(() => {});
  for (let number = 0; number < 50; number += 1) await db.meta.put({ key: `k${number}`, value: number });
  stop();
  const before = reads;
  await new Promise((resolve) => setTimeout(resolve, 300));
  await db.meta.put({ key: "after", value: 0 });
  expect(reads).toBe(before);
  const again = numbers.subscribe(() => {});
  await eventually(numbers, (count) => count === 51);
  again();
  db.close();
});
