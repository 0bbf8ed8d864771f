// The rules of sending, without socket, clock or database (client.md): one message in flight per chat, in the order of
// writing; trouble on the way holds back its chat, trouble with the session or the pace holds back all, a clear "no"
// fails the message and lets the next one go.

import type { Failure, OutboxRow } from "../db/schema.ts";
import type { ApiError } from "../errors.ts";
import { backoff } from "../runtime.ts";

export interface Due {
  /** To be posted now, at most one per chat. */
  ready: OutboxRow[];
  /** When to look again, in milliseconds since the epoch; null: when something changes. */
  wakeAt: number | null;
}

/**
 * `heads`: the first waiting message of every chat. `busy`: chats with a message in flight. `pausedUntil`: no message of
 * any chat before this moment.
 */
export function due(heads: readonly OutboxRow[], busy: ReadonlySet<string>, now: number, pausedUntil: number): Due {
  const free = heads.filter((row) => !busy.has(row.chatId));
  const timed = free.map((row) => ({ row, at: Math.max(row.nextAt, pausedUntil) }));
  const ready = timed.filter(({ at }) => at <= now).map(({ row }) => row);
  const later = timed.filter(({ at }) => at > now).map(({ at }) => at);
  ready.sort((one, other) => one.order - other.order);
  return { ready, wakeAt: later.length > 0 ? Math.min(...later) : null };
}

export type Verdict =
  /** The group of the chat has changed: encrypt it again after `wait` milliseconds. */
  /** Try the same again after `wait` milliseconds. `posted`: the server may have it. */
  | { do: "again"; wait: number }
  | { do: "later"; wait: number; posted: boolean; holds: "chat" | "all" | "session" }
  | { do: "fail"; failure: Failure };

/** Of encrypted chats: the message was made for devices that are not the group any more. */
const STALE = new Set(["epoch_stale", "not_in_group"]);
/** So often at once; then with patience, for something else is wrong. */
const QUICK = 3;
const SESSION = new Set(["unauthenticated", "invalid_token"]);

/** What an error means for the message. `attempts` counts this one; `random` is in [0, 1). */
export function judge(error: ApiError, attempts: number, random: number): Verdict {
  const retryAfter = (error.retryAfter ?? 0) * 1_000;
  const wait = Math.max(retryAfter, backoff(attempts, random));
  if (STALE.has(error.code)) return { do: "again", wait: attempts <= QUICK ? 0 : wait };
  if (error.status === 401 || SESSION.has(error.code)) return { do: "later", wait: 0, posted: false, holds: "session" };
  if (error.status === 429 || error.code === "rate_limited") return { do: "later", wait, posted: false, holds: "all" };
  if (error.retryable || error.status >= 500 || error.status === 408)
    return { do: "later", wait, posted: true, holds: "chat" };
  return { do: "fail", failure: { code: error.code, message: error.message } };
}
