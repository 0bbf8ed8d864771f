// The thread of the engine in Node: the same process behind a channel that clones, as a worker's does.

import type { DexieOptions } from "dexie";

import { serveEngine } from "../crypto/room/engine-room.ts";
import type { Port } from "../crypto/room/wire.ts";
import { systemRuntime } from "../runtime.ts";
import { serveSearch } from "../search/room.ts";

/** The two ends of a channel. A port that was closed is silent, like a worker that was ended. */
export function testPorts(): { page: Port; room: Port } {
  const { port1, port2 } = new MessageChannel();
  return { page: end(port1), room: end(port2) };
}

const end = (port: MessagePort): Port => ({
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no target origin
  post: (message) => port.postMessage(message),
  listen: (heard) => {
    port.addEventListener("message", (event: MessageEvent<unknown>) => heard(event.data));
    port.start();
  },
  close: () => port.close(),
});

export function testThread(database: DexieOptions): Port {
  const { page, room } = testPorts();
  serveEngine(room, { runtime: systemRuntime, database });
  return page;
}

export function testSearchThread(database: DexieOptions): Port {
  const { page, room } = testPorts();
  serveSearch(room, database);
  return page;
}
