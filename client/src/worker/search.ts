// The thread of search: a dedicated worker of a tab that searches.

import { serveSearch } from "../core/search/room.ts";

declare const self: DedicatedWorkerGlobalScope;

serveSearch({
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's own page is the only target
  post: (message) => self.postMessage(message),
  listen: (heard) => self.addEventListener("message", (event: MessageEvent<unknown>) => heard(event.data)),
  close: () => self.close(),
});
