import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Api } from "../api/api.ts";
import { Database } from "../db/database.ts";
import { putChat } from "../db/roster.ts";
import type { Wants } from "../db/schema.ts";
import { ApiError } from "../errors.ts";
import { CHAT, chatView, ME } from "../testing/envelopes.ts";
import { FakeRuntime } from "../testing/runtime.ts";
import { nextEnd, putWants, stillAsked, WantsTeller } from "./wants.ts";

const NONE = { mutedUntil: null, archivedSeq: null, pinned: null };
let db: Database;
let runtime: FakeRuntime;
let teller: WantsTeller;
let connected: boolean;
let revision: number;
/** The server: fields as they were told last. */
const prefer = vi.fn<Api["prefer"]>();

beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  await putChat(db, ME, chatView(), null);
  runtime = new FakeRuntime();
  connected = true;
  revision = 0;
  let kept = { mutedUntil: null as string | null, archivedSeq: null as number | null, pinned: null as number | null };
  prefer.mockReset().mockImplementation(async (_, change) => {
    kept = { ...kept, ...(change as Partial<typeof kept>) };
    revision += 1;
    return { ...kept, revision };
  });
  teller = new WantsTeller(db, { prefer }, () => connected, runtime);
  teller.start();
});

afterEach(() => {
  teller.stop();
  db.close();
});

const ask = (asked: Partial<Wants>): Promise<number> => db.chats.update(CHAT, { asked });
const row = async () => {
  const { wants, asked } = (await db.chats.get(CHAT)) ?? {};
  return { wants, asked };
};
const becomes = (wants: object) => vi.waitFor(async () => expect(await row()).toEqual({ wants, asked: undefined }));

test("a wish is told, and then it is what the server knows", async () => {
  await ask({ mutedUntil: 3_600_000, archivedSeq: 7 });
  await becomes({ mutedUntil: 3_600_000, archivedSeq: 7, pinned: null, revision: 1 });
  expect(prefer.mock.calls).toEqual([[CHAT, { mutedUntil: "1970-01-01T01:00:00.000Z", archivedSeq: 7 }]]);
});

test("without a connection it waits for one", async () => {
  connected = false;
  await ask({ pinned: 3 });
  teller.resume();
  expect(prefer).not.toHaveBeenCalled();
  connected = true;
  await vi.waitFor(() => {
    teller.resume();
    expect(prefer).toHaveBeenCalled();
  });
  await becomes({ ...NONE, pinned: 3, revision: 1 });
});

test("what was lost on the way is told again, a clear no is not", async () => {
  prefer.mockRejectedValueOnce(ApiError.local("timeout"));
  await ask({ pinned: 3 });
  await vi.waitFor(() => {
    runtime.advance(10_000);
    expect(prefer).toHaveBeenCalledTimes(2);
  });
  await becomes({ ...NONE, pinned: 3, revision: 1 });
  prefer.mockRejectedValueOnce(new ApiError({ code: "conflict", message: "five are on top", status: 409 }));
  await ask({ pinned: 9, archivedSeq: 1 });
  await becomes({ ...NONE, pinned: 3, revision: 1 });
  expect(prefer).toHaveBeenCalledTimes(3);
});

test("a change of mind while a wish is on its way is told after it", async () => {
  type Answer = Awaited<ReturnType<Api["prefer"]>>;
  let answer: (said: Answer) => void = () => {};
  prefer.mockReturnValueOnce(new Promise<Answer>((resolve) => (answer = resolve)));
  await ask({ pinned: 1, archivedSeq: 1 });
  await vi.waitFor(() => expect(prefer).toHaveBeenCalledOnce());
  await ask({ pinned: null, archivedSeq: 1 });
  answer({ ...NONE, pinned: 1, archivedSeq: 1, revision: 0 });
  await vi.waitFor(() => expect(prefer).toHaveBeenLastCalledWith(CHAT, { pinned: null }));
});

test("of two states the one with the larger revision is the newer, whichever comes first", async () => {
  await putWants(db, CHAT, { ...NONE, pinned: 2, revision: 5 });
  await putWants(db, CHAT, { ...NONE, pinned: 1, revision: 4 });
  expect((await row()).wants).toEqual({ ...NONE, pinned: 2, revision: 5 });
  await putWants(db, "a chat that is not here", { ...NONE, revision: 1 });
});

test("a mute ends by itself, and the lists that show it are read again", async () => {
  await putWants(db, CHAT, { ...NONE, mutedUntil: new Date(5_000).toISOString(), revision: 5 });
  await vi.waitFor(() => expect(runtime.nextAt).toBe(5_000));
  runtime.advance(5_000);
  await becomes({ ...NONE, revision: 5 });
  expect(prefer).not.toHaveBeenCalled();
});

test("the next end is that of the first mute that a timer can wait for", () => {
  const until = (mutedUntil: number) => ({ wants: { ...NONE, mutedUntil, revision: 1 } }) as never;
  expect(nextEnd([], 0)).toBeNull();
  expect(nextEnd([until(Date.UTC(9999, 0, 1))], 0)).toBeNull();
  expect(nextEnd([until(900), until(700)], 500)).toBe(200);
  expect(nextEnd([until(100)], 500)).toBe(0);
});

test("what is left to ask is what changed since", () => {
  expect(stillAsked({ pinned: 1 }, { pinned: 1 })).toBeUndefined();
  expect(stillAsked({ pinned: 2, archivedSeq: 3 }, { pinned: 1, archivedSeq: 3 })).toEqual({ pinned: 2 });
  expect(stillAsked({ pinned: null }, {})).toEqual({ pinned: null });
});
