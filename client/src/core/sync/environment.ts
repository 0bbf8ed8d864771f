// What core needs of the browser around it, as arguments: a page and a worker have them in different places.

import type { Port } from "../crypto/room/wire.ts";
import type { Live } from "../live.ts";

/** What the browser calls the wish to send with no tab open: one tag, however many messages wait. */
export const OUTBOX_TAG = "outbox";

/** The part of the Web Locks API that is used. */
export type Locks = Pick<LockManager, "request">;

/** A BroadcastChannel: reaches the other tabs of this browser, not the sender. */
export interface Channel {
  post(message: unknown): void;
  close(): void;
}

export interface Environment {
  /** The browser says that there is a network. */
  online: Live<boolean>;
  /** The person can see this tab. */
  visible: Live<boolean>;
  /** null where there are none (an insecure page): this tab then leads alone. */
  locks: Locks | null;
  channel(name: string, receive: (message: unknown) => void): Channel;
  /** Whether the browser keeps the data by promise; null when it cannot say. */
  persisted(): Promise<boolean | null>;
  /** Asks for that promise. */
  persist(): Promise<boolean | null>;
  /** Asks the browser to send what waits when no tab is open; absent where it cannot (Firefox, Safari). */
  background?: () => Promise<void>;
  /** Begins a thread that serves the engine of encryption (core/crypto/room/engine-room.ts); absent: it runs here. */
  thread?: () => Port;
  /** Begins a thread that serves search (core/search/room.ts); absent: nothing is searched here. */
  search?: () => Port;
}
