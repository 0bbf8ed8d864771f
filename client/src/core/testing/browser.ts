// A browser for core in Node: an IndexedDB, a cookie jar, locks and channels of its own, and tabs that share them.

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

import { createCore } from "../create.ts";
import type { CryptoFactory } from "../crypto/interface.ts";
import { perChat } from "../crypto/per-chat.ts";
import { Cell } from "../live.ts";
import { systemRuntime } from "../runtime.ts";
import type { Services } from "../services.ts";
import type { BackgroundWorld } from "../sync/background.ts";
import type { Channel, Environment } from "../sync/environment.ts";
import { FakeLocks } from "./locks.ts";
import { testSearchThread, testThread } from "./thread.ts";

export class FakeBrowser {
  readonly online = new Cell(true);
  readonly database = { indexedDB: new IDBFactory(), IDBKeyRange };
  readonly #locks = new FakeLocks();
  readonly #channels = new Map<string, Set<(message: unknown) => void>>();
  readonly #tabs = new Set<Services>();
  readonly #base: string;
  /** What is between this browser and the server; a test may cut or disturb it. */
  network: typeof fetch = (input, init) => fetch(input, init);
  /** How this browser encrypts; a test may do it by itself. */
  crypto: CryptoFactory = perChat;
  /** Whether the engine of encryption has a thread of its own. */
  threads = true;
  cookie = "";

  constructor(base: string) {
    this.#base = base;
  }

  /** Opens a tab. Without `socket` its socket never gets through, as behind a proxy that forbids it. */
  tab({ visible = new Cell(true), socket = true } = {}): Services {
    const services = createCore({
      environment: this.#environment(visible),
      runtime: systemRuntime,
      crypto: this.crypto,
      fetch: (input, init) => this.#fetch(input, init),
      base: this.#base,
      headers: () => ({ cookie: this.cookie, origin: socket ? this.#base : "https://elsewhere.example" }),
      database: this.database,
    });
    this.#tabs.add(services);
    return services;
  }

  /** A request with this browser's cookie that this browser knows nothing of. */
  async outside(method: string, path: string, body: unknown): Promise<void> {
    const headers = { "content-type": "application/json", cookie: this.cookie, origin: this.#base };
    const response = await fetch(this.#base + path, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  }

  async closeTab(services: Services): Promise<void> {
    this.#tabs.delete(services);
    await services.close();
  }

  async close(): Promise<void> {
    for (const tab of this.#tabs) await this.closeTab(tab);
  }

  async #fetch(input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> {
    if (!this.online.get()) throw new TypeError("no network");
    const headers = new Headers(init.headers);
    headers.set("origin", this.#base);
    if (this.cookie) headers.set("cookie", this.cookie);
    const response = await this.network(input, { ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(";")[0] ?? "";
      this.cookie = pair.endsWith("=") || pair.endsWith('=""') ? "" : pair;
    }
    return response;
  }

  /** What the service worker of this browser has. */
  get worker(): BackgroundWorld {
    return {
      locks: this.#locks,
      channel: (name, receive) => this.#channel(name, receive),
      runtime: systemRuntime,
      fetch: (input, init) => this.#fetch(input, init),
      base: this.#base,
      database: this.database,
    };
  }

  /** Ends what holds a lock, as a browser does: nobody hears of it. What it still does is for the test to stop. */
  kill(): void {
    this.#locks.abandon();
  }

  #environment(visible: Cell<boolean>): Environment {
    return {
      online: this.online,
      visible,
      locks: this.#locks,
      channel: (name, receive) => this.#channel(name, receive),
      persisted: async () => false,
      persist: async () => true,
      search: () => testSearchThread(this.database),
      ...(this.threads ? { thread: () => testThread(this.database) } : {}),
    };
  }

  #channel(name: string, receive: (message: unknown) => void): Channel {
    const listeners = this.#channels.get(name) ?? new Set();
    this.#channels.set(name, listeners.add(receive));
    return {
      post: (message) => {
        const copy: unknown = structuredClone(message);
        queueMicrotask(() => {
          for (const listener of listeners) if (listener !== receive) listener(copy);
        });
      },
      close: () => void listeners.delete(receive),
    };
  }
}
