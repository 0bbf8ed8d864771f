import { startTransition, StrictMode, type ReactNode } from "react";
import { createRoot } from "react-dom/client";

import { speakPreferred } from "@/i18n/index.ts";

import { App } from "./app.tsx";
import { preloadEntrance } from "./entrance.tsx";
import { withWords } from "./on-demand.tsx";
import { entranceOf } from "./place.ts";
import { startPwa } from "./pwa/pwa.ts";
import { createServices } from "./services.ts";

/** Whether the browser lets this address keep anything; asking is what fails where it does not. */
function storageWorks(): boolean {
  try {
    return localStorage.length >= 0 && typeof indexedDB === "object" && indexedDB !== null;
  } catch {
    return false;
  }
}

/** Milliseconds that the app waits for what the browser was asked before; it asks itself, too. */
const PATIENCE = 1_000;

const rest = (ms: number): Promise<undefined> => new Promise((done) => void setTimeout(done, ms));

/** Starts the app, or says what stands in its way. */
export async function boot(): Promise<void> {
  const element = document.getElementById("root");
  if (!element) return;
  const root = createRoot(element);
  // In steps: what is pressed or typed meanwhile is not kept waiting.
  const show = (screen: ReactNode): void => startTransition(() => root.render(<StrictMode>{screen}</StrictMode>));
  const storage = storageWorks();
  const page = entranceOf(location.pathname);
  if (page) preloadEntrance(page);
  // Without the words of the person's language (no network on the first visit) English is better than nothing.
  if (storage) await speakPreferred().catch(reportError);
  const early = (await Promise.race([globalThis.batiyounFirst, rest(PATIENCE)])) ?? null;
  if (!isSecureContext || !storage) {
    const { Insecure, NoStorage } = await withWords(import("./obstacles.tsx"), "obstacles");
    show(isSecureContext ? <NoStorage /> : <Insecure />);
  } else show(<App services={createServices({ early })} pwa={startPwa()} />);
}
