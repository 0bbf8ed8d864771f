// What core needs of the page around it.

import type { Live } from "@/core/live.ts";
import type { Environment } from "@/core/sync/environment.ts";

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

export function browserEnvironment(): Environment {
  // Locks and storage exist in secure contexts only.
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
  };
}
