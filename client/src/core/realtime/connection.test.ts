import { beforeEach, describe, expect, it, vi } from "vitest";

import type { Runtime } from "../runtime.ts";
import { Connection } from "./connection.ts";

const wire = vi.hoisted(() => ({ away: true, connected: 0 }));
vi.mock("socket.io-client", () => {
  if (wire.away) throw new TypeError("Failed to fetch dynamically imported module");
  const socket = { io: { opts: {} }, on: () => socket, connect: () => (wire.connected += 1), removeAllListeners: () => socket, disconnect: () => socket };
  class Manager {
    socket = (): unknown => socket;
    on = (): void => {};
  }
  return { Manager };
});

interface Timer {
  at: number;
  run: () => void;
}

/** A clock that stands still until somebody moves it. */
function clock(timers: Timer[]): Runtime {
  return {
    now: () => 1_000,
    random: () => 0.5,
    newId: () => "",
    after: (milliseconds: number, run: () => void) => {
      const timer = { at: milliseconds, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  };
}

describe("a connection whose library cannot be fetched", () => {
  beforeEach(() => {
    wire.away = true;
    wire.connected = 0;
    vi.resetModules();
  });

  it("waits and tries again, as when the server is away", async () => {
    const timers: Timer[] = [];
    const connection = new Connection({ base: "http://localhost", runtime: clock(timers) });
    await connection.open();
    expect(connection.link.get()).toMatchObject({ state: "waiting" });
    expect(timers).toHaveLength(1);

    wire.away = false;
    timers.pop()?.run();
    expect(connection.link.get()).toEqual({ state: "connecting" });
    await vi.waitFor(() => expect(wire.connected).toBe(1));
  });

  it("stays closed when it was closed meanwhile", async () => {
    const timers: Timer[] = [];
    const connection = new Connection({ base: "http://localhost", runtime: clock(timers) });
    const opening = connection.open();
    connection.close();
    await opening;
    expect(connection.link.get()).toEqual({ state: "closed" });
    expect(timers).toEqual([]);
  });
});
