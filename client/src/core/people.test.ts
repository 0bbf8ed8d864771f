import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";

import { Database } from "./db/database.ts";
import type { Profile } from "./db/schema.ts";
import { ApiError } from "./errors.ts";
import { People } from "./people.ts";
import { ME } from "./testing/envelopes.ts";
import { FakeRuntime } from "./testing/runtime.ts";

const HOUR = 60 * 60_000;

let db: Database;
let runtime: FakeRuntime;
let people: People;
const users = vi.fn<(ids: readonly string[]) => Promise<Profile[]>>();

const profile = (id: string): Profile => ({ id, username: id, displayName: id, avatar: null, bio: "", createdAt: 0 });
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `user-${index}`);

beforeEach(() => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  runtime = new FakeRuntime();
  runtime.advance(HOUR);
  users.mockReset().mockImplementation(async (ids) => ids.map(profile));
  people = new People(db, { users }, runtime);
});

test("a large group is fetched in a few calls", async () => {
  await people.want(many(250));
  expect(users.mock.calls.map(([ids]) => ids.length)).toEqual([100, 100, 50]);
  expect(await db.users.count()).toBe(250);
});

test("who is here and fresh is not asked for again", async () => {
  await people.want(["asha", "bela"]);
  await people.want(["asha", "bela", "chitra"]);
  expect(users.mock.calls).toEqual([[["asha", "bela"]], [["chitra"]]]);
  runtime.advance(HOUR);
  await people.want(["asha"]);
  expect(users).toHaveBeenLastCalledWith(["asha"]);
});

test("who is being asked for is not asked for twice", async () => {
  await Promise.all([people.want(["asha", "bela"]), people.want(["bela", "asha"])]);
  expect(users).toHaveBeenCalledOnce();
});

test("whom the server does not know is nobody, and no longer here", async () => {
  await people.keep([profile("eve")]);
  runtime.advance(HOUR);
  users.mockResolvedValueOnce([profile("asha")]);
  await people.want(["asha", "eve"]);
  expect(await db.users.bulkGet(["asha", "eve"])).toEqual([expect.objectContaining({ id: "asha" }), undefined]);
  await people.want(["eve"]);
  expect(users).toHaveBeenCalledOnce();
});

test("a call that fails takes nobody away and is made again", async () => {
  await people.keep([profile("asha")]);
  runtime.advance(HOUR);
  users.mockRejectedValueOnce(ApiError.local("offline"));
  await people.want(["asha"]);
  expect(await db.users.count()).toBe(1);
  await people.want(["asha"]);
  expect(users).toHaveBeenCalledTimes(2);
});
