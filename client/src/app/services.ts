// The composition root: core over this browser. The screens get the result through one React context.

import { createCore, type World } from "@/core/create.ts";
import { perChat } from "@/core/crypto/per-chat.ts";
import type { Draw, Early } from "@/core/first.ts";
import { systemRuntime } from "@/core/runtime.ts";
import type { Services } from "@/core/services.ts";
import { spokenLanguage } from "@/i18n/index.ts";

import { browserEnvironment } from "./environment.ts";

declare global {
  /** By `public/first.js`. */
  var batiyounFirst: Promise<Early | null> | undefined;
  /** Likewise: what a picture of the list must have been taken in to be as the list would be now. */
  var batiyounFrame: (() => string) | undefined;
}

const draw: Draw = async (ids) => (await import("./first-picture.ts")).drawList(ids);

/** Everything the screens may ask of core; any part of the world can be another one. */
export function createServices(overrides: Partial<World> = {}): Services {
  return createCore({
    environment: browserEnvironment(),
    runtime: systemRuntime,
    crypto: perChat,
    fetch: (input, init) => fetch(input, init),
    base: "",
    language: spokenLanguage,
    draw,
    ...overrides,
  });
}
