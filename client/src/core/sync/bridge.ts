// What the tabs of one person tell each other beside the database: things that are not kept.

import type { Connection as ConnectionState } from "../services.ts";
import type { Environment } from "./environment.ts";
import type { PresenceState } from "./presence.ts";

export type BridgeMessage =
  /** A follower came, or doubts that somebody leads. The leader answers with `state` and `roll`. */
  | { t: "hello" }
  /** From the leader: what it sees. Also the answer that it lives. */
  | { t: "state"; connection: ConnectionState; presence: PresenceState }
  /** From a new leader: say which chats you have on the screen. */
  | { t: "roll" }
  /** From a follower: these chats are on that tab's screen now. */
  | { t: "open"; tab: string; chatIds: string[] }
  /** From a follower: the person types. */
  | { t: "typing"; chatId: string }
  /** From a follower: something changed for the better, try now. */
  | { t: "wake" }
  /** From a follower: this device's keys are others. */
  | { t: "keys" };

export interface Bridge {
  send(message: BridgeMessage): void;
  close(): void;
}

/** Opens the bridge between the tabs of one person. */
export function openBridge(channelOf: Environment["channel"], userId: string, receive: (message: BridgeMessage) => void): Bridge {
  // Only this program's tabs of this origin can post here, and an update reloads all of them to one version.
  const channel = channelOf(`batiyoun-${userId}`, (message) => receive(message as BridgeMessage));
  return { send: (message) => channel.post(message), close: () => channel.close() };
}
