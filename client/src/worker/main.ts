// The service worker. One script: what it needs has to be in it, because it may run when nothing can be fetched.

import { serveShell, type ShellFile } from "./shell.ts";
import { sendOnSync } from "./sync.ts";

declare const self: ServiceWorkerGlobalScope;
/** Put here by `scripts/worker.mjs`. */
declare const SHELL: readonly ShellFile[];

serveShell(SHELL);
sendOnSync();

// A new version waits until a tab asks for it: then every tab has saved its drafts, or will before it reloads. Chromium now
// and then leaves a tab out when all are claimed; that one asks again.
self.addEventListener("message", (event) => {
  const data: unknown = event.data;
  const asked = typeof data === "object" && data !== null && "t" in data ? data.t : null;
  if (asked === "take-over") event.waitUntil(self.skipWaiting());
  if (asked === "claim") event.waitUntil(self.clients.claim());
});
