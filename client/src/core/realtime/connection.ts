// The one socket: when to connect, what was said, and what came of it. Knows no chat.

import type { Manager, Socket } from "socket.io-client";

import { clientEvents, parse, parseAck, serverEvents, welcome } from "../contracts/index.ts";
import type { Ack, Arguments, ClientEvent, Payload, ServerEvent } from "../contracts/index.ts";
import { ApiError, asApiError } from "../errors.ts";
import { Cell, type Live } from "../live.ts";
import { backoff, type Runtime } from "../runtime.ts";
import { CLIENT_VERSION, isOlder } from "../version.ts";

export type Link =
  | { state: "closed" }
  | { state: "connecting" }
  | { state: "connected" }
  /** The next attempt comes by itself at `nextAttemptAt`, or at once with `wake()`. */
  | { state: "waiting"; nextAttemptAt: number }
  /** The server does not let this session in (`unauthenticated`), or not this client (`client_outdated`). */
  | { state: "refused"; error: ApiError };

export interface ConnectionOptions {
  /** The server's origin; empty: the page's own. */
  base: string;
  runtime: Runtime;
  /** Extra headers of the handshake, for clients outside a browser (tests). */
  headers?: () => Record<string, string>;
}

type Handlers = { [E in ServerEvent]?: (...args: Arguments<E>) => void };

/** Milliseconds to wait for an acknowledgement; the server's receipts take up to a second by design. */
const ACK_TIMEOUT = 15_000;
const CONNECT_TIMEOUT = 15_000;

export class Connection {
  readonly link: Live<Link>;
  readonly #link = new Cell<Link>({ state: "closed" });
  readonly #options: ConnectionOptions;
  #handlers: Handlers = {};
  #socket: Socket | null = null;
  #attempt = 0;
  #cancelRetry: (() => void) | null = null;
  /** Told of an event whose arguments are not what the contract says. */
  onInvalid: (error: ApiError) => void = () => {};

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.link = this.#link;
  }

  /** Handlers of the server's events, all at once; the arguments have been validated. */
  handle(handlers: Handlers): void {
    this.#handlers = handlers;
  }

  /** Begin; from now on the connection comes back by itself. */
  async open(): Promise<void> {
    if (this.#link.get().state !== "closed") return;
    this.#link.set({ state: "connecting" });
    await this.#begin();
  }

  /** Fetches the library, which only who is signed in needs, and connects; without it this was an attempt that failed. */
  async #begin(): Promise<void> {
    const library = await import("socket.io-client").catch(() => null);
    if (this.#link.get().state === "closed") return;
    if (library === null) {
      this.#attempt += 1;
      this.#retry(null);
      return;
    }
    const { base } = this.#options;
    const manager = new library.Manager(base === "" ? location.origin : base, {
      path: "/socket.io/",
      transports: ["websocket"],
      reconnection: false,
      autoConnect: false,
      timeout: CONNECT_TIMEOUT,
      withCredentials: true,
    });
    this.#socket = manager.socket("/");
    this.#listen(manager, this.#socket);
    this.#connect();
  }

  close(): void {
    this.#cancelRetry?.();
    this.#link.set({ state: "closed" });
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    this.#socket = null;
  }

  /** Something changed for the better (network, visibility, a new session): try now. */
  wake(): void {
    const { state } = this.#link.get();
    if (state !== "waiting" && state !== "refused") return;
    this.#attempt = 0;
    this.#connect();
  }

  /** Drop the connection and begin a new one, as after a new sign-in. */
  renew(): void {
    if (!this.#socket) return;
    this.#socket.disconnect();
    this.#attempt = 0;
    this.#connect();
  }

  /**
   * Send an event and wait for its acknowledgement. Rejects with the server's refusal, `timeout` (the outcome is
   * unknown), or `offline` when there is no connection, or it broke while waiting (unknown, too).
   */
  emit<E extends ClientEvent>(event: E, payload: Payload<E>, timeout = ACK_TIMEOUT): Promise<Ack<E>> {
    const socket = this.#socket;
    if (!socket || this.#link.get().state !== "connected") return Promise.reject(ApiError.local("offline"));
    return new Promise((resolve, reject) => {
      const stop = this.#link.subscribe(() => {
        if (this.#link.get().state !== "connected") finish(() => reject(ApiError.local("offline")));
      });
      const cancel = this.#options.runtime.after(timeout, () => finish(() => reject(ApiError.local("timeout"))));
      const finish = (settle: () => void): void => {
        stop();
        cancel();
        settle();
      };
      socket.emit(event, payload, (answer: unknown) =>
        finish(() => {
          try {
            resolve(parseAck(clientEvents[event].ack, answer, event) as Ack<E>);
          } catch (error) {
            reject(asApiError(error));
          }
        }),
      );
    });
  }

  #connect(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#link.set({ state: "connecting" });
    if (!this.#socket) {
      void this.#begin();
      return;
    }
    this.#attempt += 1;
    const { headers } = this.#options;
    if (headers) this.#socket.io.opts.extraHeaders = headers();
    this.#socket.connect();
    // The library waits for the transport, not for the CONNECT reply after it.
    this.#cancelRetry = this.#options.runtime.after(CONNECT_TIMEOUT, () => {
      this.#socket?.disconnect();
      this.#retry(null);
    });
  }

  #listen(manager: Manager, socket: Socket): void {
    // The CONNECT reply has our fields beside `sid`; the library hands only packets out.
    manager.on("packet", (packet) => {
      if (packet.type !== 0) return;
      try {
        const { minClient } = parse(welcome, packet.data, "connect reply");
        if (isOlder(CLIENT_VERSION, minClient)) this.#refuse(OUTDATED);
      } catch (error) {
        this.#refuse(asApiError(error));
      }
    });
    socket.on("connect", () => {
      if (this.#link.get().state !== "connecting") return;
      this.#cancelRetry?.();
      this.#attempt = 0;
      this.#link.set({ state: "connected" });
    });
    socket.on("connect_error", (error: Error & { data?: unknown }) => {
      const refusal = refusalOf(error);
      if (refusal && !refusal.retryable && refusal.code !== "rate_limited") this.#refuse(refusal);
      else this.#retry(refusal?.retryAfter ?? null);
    });
    socket.on("disconnect", (reason) => {
      if (reason === "io client disconnect") return;
      this.#retry(null);
    });
    for (const event of Object.keys(serverEvents) as ServerEvent[])
      socket.on(event, (...args: unknown[]) => this.#receive(event, args));
  }

  #receive(event: ServerEvent, args: unknown[]): void {
    let valid: unknown[];
    try {
      valid = parse(serverEvents[event], args, event);
    } catch (error) {
      this.onInvalid(asApiError(error));
      return;
    }
    // Each handler's type belongs to its event's validator; the union hides that from the compiler.
    const handler = this.#handlers[event] as ((...each: unknown[]) => void) | undefined;
    handler?.(...valid);
  }

  #refuse(error: ApiError): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#link.set({ state: "refused", error });
    this.#socket?.disconnect();
  }

  #retry(retryAfter: number | null): void {
    const { state } = this.#link.get();
    if (state === "closed" || state === "refused") return;
    const { runtime } = this.#options;
    const wait = Math.max(backoff(Math.max(1, this.#attempt), runtime.random(), 1_000, 30_000), (retryAfter ?? 0) * 1_000);
    this.#link.set({ state: "waiting", nextAttemptAt: runtime.now() + wait });
    this.#cancelRetry?.();
    this.#cancelRetry = runtime.after(wait, () => this.#connect());
  }
}

const OUTDATED = new ApiError({
  code: "client_outdated",
  message: "This version of the app is too old for the server. Reload to get the new one.",
});

/** The server's own words in a CONNECT_ERROR; null for a connection that just failed. */
function refusalOf(error: Error & { data?: unknown }): ApiError | null {
  const { data } = error;
  if (typeof data !== "object" || data === null || !("code" in data) || typeof data.code !== "string") return null;
  const retryAfter = "retryAfter" in data && typeof data.retryAfter === "number" ? data.retryAfter : null;
  return new ApiError({
    code: data.code,
    message: error.message,
    retryable: "retryable" in data && data.retryable === true,
    retryAfter,
  });
}
