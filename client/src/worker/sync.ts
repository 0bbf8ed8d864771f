// Background Sync: the browser says that there is a network, with or without an open tab.

import { systemRuntime } from "../core/runtime.ts";
import { sendInBackground } from "../core/sync/background.ts";
import { OUTBOX_TAG } from "../core/sync/environment.ts";

declare const self: ServiceWorkerGlobalScope;

/** https://wicg.github.io/background-sync/spec/#sync-event; TypeScript does not know it. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

/** Sends the outbox when the browser says so. An event that fails comes again, three times in all (Chromium). */
export function sendOnSync(): void {
  self.addEventListener("sync" as "activate", (event) => {
    if ((event as SyncEvent).tag === OUTBOX_TAG) event.waitUntil(flush());
  });
}

async function flush(): Promise<void> {
  const outcome = await sendInBackground({
    locks: self.navigator.locks,
    channel: (name, receive) => {
      const channel = new BroadcastChannel(name);
      channel.addEventListener("message", (event: MessageEvent<unknown>) => receive(event.data));
      return {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has no target origin
        post: (message) => channel.postMessage(message),
        close: () => channel.close(),
      };
    },
    runtime: systemRuntime,
    fetch: (input, init) => fetch(input, init),
    base: "",
  });
  if (outcome === "later") throw new Error("messages wait still");
}
