import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { onLeaving } from "@/hooks/leaving.ts";

import { Updates, type Workers } from "./updates.ts";

/** A worker that the test moves from state to state. */
class FakeWorker extends EventTarget {
  state = "installing";
  readonly postMessage = vi.fn<(message: unknown) => void>();

  becomes(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

class FakeRegistration extends EventTarget {
  installing: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  /** What the server has, found by the next look. */
  newer: FakeWorker | null = null;
  readonly update = vi.fn<() => Promise<void>>(async () => {
    if (this.newer) this.found(this.newer);
    this.newer = null;
  });

  found(worker: FakeWorker): void {
    this.installing = worker;
    worker.addEventListener("statechange", () => {
      if (worker.state !== "installed") return;
      this.installing = null;
      this.waiting = worker;
    });
    this.dispatchEvent(new Event("updatefound"));
  }
}

class FakeWorkers extends EventTarget {
  controller: object | null = null;
  readonly registration = new FakeRegistration();
  readonly register = vi.fn<() => Promise<FakeRegistration>>(async () => this.registration);

  takenOver(): void {
    this.controller = {};
    this.dispatchEvent(new Event("controllerchange"));
  }
}

let workers: FakeWorkers;
let reload: ReturnType<typeof vi.fn<() => void>>;
let time: number;
const begin = async (controlled: boolean): Promise<Updates> => {
  if (controlled) workers.controller = {};
  const updates = new Updates({ workers: workers as unknown as Workers, url: "/sw.js", reload, now: () => time });
  await updates.start();
  return updates;
};
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  workers = new FakeWorkers();
  reload = vi.fn<() => void>();
  time = 0;
});
afterEach(() => void vi.useRealTimers());

describe("a new version", () => {
  it("is nothing to tell of when it is the first", async () => {
    const updates = await begin(false);
    const worker = new FakeWorker();
    workers.registration.found(worker);
    worker.becomes("installed");
    workers.takenOver();
    await settle();
    expect(updates.state.get()).toBe("none");
    expect(reload).not.toHaveBeenCalled();
  });

  it("is asked to take the page that it left out, and no other", async () => {
    await begin(false);
    const worker = new FakeWorker();
    workers.registration.found(worker);
    worker.becomes("activated");
    expect(worker.postMessage).toHaveBeenCalledExactlyOnceWith({ t: "claim" });
    workers.takenOver();
    worker.becomes("activated");
    expect(worker.postMessage).toHaveBeenCalledOnce();
  });

  it("is told when everything of it is here, and waits for the person", async () => {
    const updates = await begin(true);
    const worker = new FakeWorker();
    workers.registration.found(worker);
    expect(updates.state.get()).toBe("none");
    worker.becomes("installed");
    expect(updates.state.get()).toBe("ready");
    expect(worker.postMessage).not.toHaveBeenCalled();
  });

  it("is told when it came while no tab looked", async () => {
    workers.registration.waiting = new FakeWorker();
    expect((await begin(true)).state.get()).toBe("ready");
  });

  it("takes over when asked, and the page is loaded anew after its drafts are kept", async () => {
    const updates = await begin(true);
    const worker = new FakeWorker();
    workers.registration.found(worker);
    worker.becomes("installed");
    const order: string[] = [];
    const stop = onLeaving(async () => {
      await Promise.resolve();
      order.push("saved");
    });
    reload.mockImplementation(() => void order.push("reloaded"));
    await updates.apply();
    expect(worker.postMessage).toHaveBeenCalledExactlyOnceWith({ t: "take-over" });
    expect(order).toEqual([]);
    workers.takenOver();
    await settle();
    expect(order).toEqual(["saved", "reloaded"]);
    stop();
  });

  it("reloads the tabs that did not ask, too, and each once", async () => {
    await begin(true);
    workers.takenOver();
    workers.takenOver();
    await settle();
    expect(reload).toHaveBeenCalledOnce();
  });

  it("is fetched when the person must have it and it is not here yet", async () => {
    const updates = await begin(true);
    const worker = new FakeWorker();
    workers.registration.newer = worker;
    const applied = updates.apply();
    await settle();
    worker.becomes("installed");
    await applied;
    expect(worker.postMessage).toHaveBeenCalledOnce();
  });

  it("that does not exist, breaks or never takes over still ends in a reload", async () => {
    await (await begin(true)).apply();
    expect(reload).toHaveBeenCalledOnce();

    workers = new FakeWorkers();
    const broken = new FakeWorker();
    workers.registration.newer = broken;
    const applied = (await begin(true)).apply();
    await settle();
    broken.becomes("redundant");
    await applied;
    expect(reload).toHaveBeenCalledTimes(2);

    workers = new FakeWorkers();
    workers.registration.waiting = new FakeWorker();
    await (await begin(true)).apply();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reload).toHaveBeenCalledTimes(3);
  });
});

describe("looking for one", () => {
  it("is not done more often than every ten minutes", async () => {
    const updates = await begin(true);
    await updates.look();
    expect(workers.registration.update).not.toHaveBeenCalled();
    time = 10 * 60_000;
    await updates.look();
    await updates.look();
    expect(workers.registration.update).toHaveBeenCalledOnce();
  });

  it("does not mind that there is no network, or no worker", async () => {
    workers.register.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    const updates = await begin(true);
    time = Infinity;
    await updates.look();
    expect(updates.state.get()).toBe("none");
  });
});
