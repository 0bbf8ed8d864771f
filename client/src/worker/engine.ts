// The thread of the engine of encryption: a dedicated worker of the tab that leads.

import { serveEngine } from "../core/crypto/room/engine-room.ts";
import { systemRuntime } from "../core/runtime.ts";

declare const self: DedicatedWorkerGlobalScope;

serveEngine(
  {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's own page is the only target
    post: (message) => self.postMessage(message),
    listen: (heard) => self.addEventListener("message", (event: MessageEvent<unknown>) => heard(event.data)),
    close: () => self.close(),
  },
  { runtime: systemRuntime },
);
