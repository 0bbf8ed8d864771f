// The engine behind a channel: what crosses it, and what is left when the other end goes.

import { afterEach, expect, test, vi } from "vitest";

import { Deposed } from "../../db/ingest.ts";
import { isClosed } from "../../db/live-query.ts";
import { Dexie } from "dexie";
import { ApiError } from "../../errors.ts";
import { testPorts } from "../../testing/thread.ts";
import type { CryptoPlace, ReadyCrypto } from "../interface.ts";
import type { PageSide, RoomSide } from "./engine-room.ts";
import { leadInRoom } from "./page.ts";
import { Wire, type Port } from "./wire.ts";

const chat = { id: "chat", encryption: "mls" as const };
const never = (): Promise<never> => new Promise(() => {});

/** A page with an engine room whose engine is this, and the means to break it. */
class Scene {
  readonly timers: (() => void)[] = [];
  lost = 0;
  closed = 0;
  break: (reason: unknown) => void = () => {};
  room: Wire<PageSide> | null = null;
  readonly behind: [string, number][] = [];
  readonly rest: CryptoPlace["rest"];

  constructor(rest: Partial<CryptoPlace["rest"]> = {}) {
    this.rest = { send: never, download: never, ...rest } as CryptoPlace["rest"];
  }

  readonly over = new AbortController();

  lead(ours: Partial<RoomSide>): Promise<ReadyCrypto> {
    const { page, room } = testPorts();
    const start = (): Port => ({
      ...page,
      listen: (heard, lost) => {
        this.break = lost;
        page.listen(heard, lost);
      },
      close: () => {
        this.closed += 1;
        page.close();
      },
    });
    this.room = new Wire<PageSide>(room, { lead: () => {}, alive: () => {}, ...ours }, () => {});
    const runtime = {
      now: () => 0,
      random: () => 0.5,
      newId: () => "id",
      after: (_ms: number, run: () => void) => {
        this.timers.push(run);
        return () => void this.timers.splice(this.timers.indexOf(run), 1);
      },
    };
    const behind = (chatId: string, headSeq: number): void => void this.behind.push([chatId, headSeq]);
    return leadInRoom({ me: "asha", rest: this.rest, runtime }, start, { term: 7, behind }, () => (this.lost += 1), this.over.signal);
  }

  look(): void {
    this.timers.shift()?.();
  }
}

const error = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    return await promise;
  } catch (thrown) {
    return thrown;
  }
};

afterEach(() => vi.unstubAllGlobals());

test("the engine learns for whom and in which term it leads, and asks the server by way of the page", async () => {
  const asked: unknown[] = [];
  const send = async (...given: unknown[]): Promise<unknown> => {
    asked.push(given[0], given[2]);
    return { left: 3 };
  };
  const scene = new Scene({ send: send as CryptoPlace["rest"]["send"] });
  const began: unknown[] = [];
  const engine = await scene.lead({
    lead: async (who) => void began.push(who),
    replenish: async () => void began.push(await scene.room?.call("rest", "GET /api/keys/packages", { path: { id: "a" }, body: undefined })),
    tend: async () => void (await scene.room?.call("behind", "chat", 12)),
  });
  await engine.replenish();
  await engine.tend([chat]);
  expect(began).toEqual([{ me: "asha", term: 7 }, { left: 3 }]);
  expect(asked).toEqual(["GET /api/keys/packages", { path: { id: "a" }, body: undefined }]);
  expect(scene.behind).toEqual([["chat", 12]]);
  engine.stop();
});

test("of the chat no more goes over than the engine has to know, and the cursors come back to who asked", async () => {
  const scene = new Scene();
  const asked: unknown[] = [];
  const engine = await scene.lead({
    follow: async (given, { after }) => {
      asked.push(given);
      // The one that was asked for last answers first.
      if (given.id === "one") await new Promise((resolve) => setTimeout(resolve, 20));
      return after + 1;
    },
  });
  const follow = (id: string, after: number): Promise<number | null> =>
    engine.follow({ ...chat, id, name: "us" } as typeof chat, { after, envelopes: [] }, never);
  expect(await Promise.all([follow("one", 1), follow("two", 2)])).toEqual([2, 3]);
  expect(asked).toEqual([{ id: "one", encryption: "mls" }, { id: "two", encryption: "mls" }]);
  engine.stop();
});

test("refusals keep what the person and the sender need to know of them", async () => {
  const scene = new Scene();
  const thrown: unknown[] = [
    new ApiError({ code: "rate_limited", message: "Wait.", retryable: true, retryAfter: 9, fields: { a: "b" }, status: 429 }),
    new Deposed(),
    new Dexie.DatabaseClosedError(),
    new RangeError("odd"),
  ];
  const engine = await scene.lead({ replenish: () => Promise.reject(thrown[0]), tend: () => Promise.reject(thrown.shift()) });
  const refused = await error(engine.tend([]));
  expect(refused).toBeInstanceOf(ApiError);
  expect(refused).toMatchObject({ code: "rate_limited", retryable: true, retryAfter: 9, fields: { a: "b" }, status: 429 });
  expect(await error(engine.tend([]))).toBeInstanceOf(Deposed);
  expect(isClosed(await error(engine.tend([])))).toBe(true);
  expect(await error(engine.tend([]))).toMatchObject({ name: "RangeError", message: "odd" });
  expect(scene.lost).toBe(0);
  engine.stop();
});

test("an engine that crashes leaves refusals that are tried again, after what it asked for is done", async () => {
  const reported = vi.fn<(error: unknown) => void>();
  vi.stubGlobal("reportError", reported);
  let written = (): void => {};
  const writing = new Promise<void>((resolve) => (written = resolve));
  const order: string[] = [];
  let begun = (): void => {};
  const asked = new Promise<void>((resolve) => (begun = resolve));
  const send = async (): Promise<unknown> => {
    begun();
    await writing;
    order.push("written");
    return {};
  };
  const scene = new Scene({ send: send as CryptoPlace["rest"]["send"] });
  const engine = await scene.lead({
    follow: async () => {
      await scene.room?.call("rest", "PUT /api/keys/packages", { body: {} });
      return never();
    },
    prepare: never,
  });
  void error(engine.follow(chat, { after: 0, envelopes: [] }, never)).then((refused) => order.push((refused as ApiError).code));
  const prepared = error(engine.prepare(chat, {} as never));
  await asked;
  scene.break(new Error("out of memory"));
  expect([scene.lost, scene.closed, reported.mock.calls.length]).toEqual([1, 1, 1]);
  written();
  expect(await prepared).toMatchObject({ code: "group_busy", retryable: true });
  await vi.waitFor(() => expect(order).toEqual(["written", "group_busy"]));
  scene.break(new Error("again"));
  expect(scene.lost).toBe(1);
});

test("an engine that does not answer is given up; one that has nothing to do is left alone", async () => {
  vi.stubGlobal("reportError", () => {});
  const scene = new Scene();
  const engine = await scene.lead({ prepare: never });
  for (let round = 0; round < 6; round += 1) scene.look();
  expect(scene.lost).toBe(0);
  const waits = error(engine.prepare(chat, {} as never));
  for (let round = 0; round < 6; round += 1) {
    scene.look();
    // It answers: long work is no silence.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(scene.lost).toBe(0);
  for (let round = 0; round < 4; round += 1) scene.look();
  expect(scene.lost).toBe(1);
  expect(await waits).toMatchObject({ code: "group_busy" });
  expect(scene.timers).toEqual([]);
});

test("who is stopped says nothing any more", async () => {
  const scene = new Scene();
  const engine = await scene.lead({ prepare: never });
  const prepared = vi.fn<() => void>();
  engine.prepare(chat, {} as never).then(prepared, prepared);
  engine.stop();
  engine.tend([]).then(prepared, prepared);
  scene.break(new Error("it was ended"));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(prepared).not.toHaveBeenCalled();
  expect([scene.lost, scene.closed, scene.timers.length]).toEqual([0, 1, 0]);
});

test("keys that are elsewhere are told as they are, and the thread is ended", async () => {
  const scene = new Scene();
  const lead = (): Promise<never> => Promise.reject(new ApiError({ code: "not_linked", message: "Elsewhere." }));
  expect(await error(scene.lead({ lead }))).toMatchObject({ code: "not_linked" });
  expect([scene.lost, scene.closed, scene.timers.length]).toEqual([0, 1, 0]);
});

test("an engine that is still beginning ends with the page that wanted it", async () => {
  const scene = new Scene();
  let began = (): void => {};
  const beginning = new Promise<void>((resolve) => (began = resolve));
  void scene.lead({
    lead: () => {
      began();
      return never();
    },
  });
  await beginning;
  scene.over.abort();
  expect([scene.closed, scene.lost, scene.timers.length]).toEqual([1, 0, 0]);
  void scene.lead({});
  expect(scene.timers).toHaveLength(0);
});
