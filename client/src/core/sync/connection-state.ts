// What the screens say of the connection.

import type { Link } from "../realtime/connection.ts";
import type { Connection as ConnectionState } from "../services.ts";

/** What the screens are told; pure. */
export function connectionState(link: Link, online: boolean, syncing: boolean): ConnectionState {
  if (link.state === "refused")
    return link.error.code === "client_outdated" ? { state: "outdated" } : { state: "idle" };
  if (link.state === "connected") return { state: "online", syncing };
  if (!online) return { state: "offline" };
  return link.state === "waiting" ? { state: "reconnecting", nextAttemptAt: link.nextAttemptAt } : { state: "connecting" };
}
