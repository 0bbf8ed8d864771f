// The app without a network: its files are fetched once per version, all of them or none, and answered from here.
//
// Nothing else is ever kept: no route matches `/api` or `/socket.io`, so those requests pass as if there were no worker.

import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

declare const self: ServiceWorkerGlobalScope;

/** A file of the build; `revision` is null where the name changes with the contents. */
export interface ShellFile {
  url: string;
  revision: string | null;
}

/** Paths that the app's page does not answer for: the server's own, and files. As the server decides it, too. */
const NOT_PAGES = [/^\/(api|socket\.io|health|metrics)(\/|$|\?)/, /\/[^/?]*\.[^/?]*(\?|$)/];

/** Serves these files, and the app's page for every address of the app. */
export function serveShell(files: readonly ShellFile[]): void {
  precacheAndRoute([...files]);
  registerRoute(new NavigationRoute(createHandlerBoundToURL("/index.html"), { denylist: NOT_PAGES }));
  cleanupOutdatedCaches();
  // The first visit is served offline, too, without a reload in between.
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
}
