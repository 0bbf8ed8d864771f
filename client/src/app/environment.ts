// What core needs of the page around it.

import type { Port } from "@/core/crypto/room/wire.ts";
import type { Live } from "@/core/live.ts";
import { OUTBOX_TAG, type Environment } from "@/core/sync/environment.ts";

/** A live value that is read from the page and told by its events. */
function observed<T>(target: EventTarget, events: readonly string[], read: () => T): Live<T> {
  return {
    get: read,
    subscribe: (changed) => {
      const stop = new AbortController();
      for (const event of events) target.addEventListener(event, () => changed(), { signal: stop.signal });
      return () => stop.abort();
    },
  };
}

/** The part of Background Sync that is used; TypeScript does not know it. */
interface SyncRegistration {
  sync: { register(tag: string): Promise<void> };
}

/** How the browser is asked to send what waits with no tab open; undefined where it cannot. */
function backgroundSync(): (() => Promise<void>) | undefined {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  if (!serviceWorker || !("SyncManager" in globalThis)) return undefined;
  return async () => {
    const registration = (await serviceWorker.ready) as unknown as SyncRegistration;
    await registration.sync.register(OUTBOX_TAG);
  };
}

export function browserEnvironment(): Environment {
  // Locks and storage exist in secure contexts only.
  const background = backgroundSync();
  const { locks, storage } = navigator as { locks?: LockManager; storage?: StorageManager };
  return {
    online: observed(window, ["online", "offline"], () => navigator.onLine),
    visible: observed(document, ["visibilitychange"], () => document.visibilityState === "visible"),
    locks: locks ?? null,
    channel: (name, receive) => {
      const channel = new BroadcastChannel(name);
      channel.addEventListener("message", (event: MessageEvent<unknown>) => receive(event.data));
      return {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has no target origin
        post: (message) => channel.postMessage(message),
        close: () => channel.close(),
      };
    },
    persisted: async () => (await storage?.persisted?.()) ?? null,
    persist: async () => (await storage?.persist?.()) ?? null,
    ...(background ? { background } : {}),
    thread: () => portOf(new Worker(new URL("../worker/engine.ts", import.meta.url), { type: "module", name: "batiyoun-engine" })),
    search: () => portOf(new Worker(new URL("../worker/search.ts", import.meta.url), { type: "module", name: "batiyoun-search" })),
  };
}

/** The page's end of a worker. */
const portOf = (worker: Worker): Port => ({
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no target origin
  post: (message) => worker.postMessage(message),
  listen: (heard, lost) => {
    worker.addEventListener("message", (event: MessageEvent<unknown>) => heard(event.data));
    worker.addEventListener("messageerror", () => lost(new Error("a message of a thread could not be read")));
    worker.addEventListener("error", (event) => lost(event.error ?? new Error(event.message || "a thread did not start")));
  },
  close: () => worker.terminate(),
});
