// Keeps whom this person blocks in step with the server: tells what was changed here, and asks for the list on every
// connection and whenever another device changed it. What has to be told is in the database, so it survives a reload and
// comes from any tab; the leader tells it.

import type { Rest } from "../api/http.ts";
import { laterOperations } from "../contracts/generated/later-operations.ts";
import { millis } from "../contracts/index.ts";
import { blockedIn, changeBlocks, readBlocks, type Blocks } from "../db/blocks.ts";
import type { Database } from "../db/database.ts";
import { isClosed, query } from "../db/live-query.ts";
import { ApiError } from "../errors.ts";
import type { Live } from "../live.ts";
import type { Runtime } from "../runtime.ts";
import type { PresenceBoard } from "./presence.ts";

/** Milliseconds until what failed is told again, unless the connection comes back first. */
const AGAIN = 10_000;

export interface BlockKeeperOptions {
  db: Database;
  rest: Pick<Rest, "send">;
  connected: () => boolean;
  /** Where nothing is seen of those who are blocked. */
  presence: Pick<PresenceBoard, "hush">;
  runtime: Runtime;
}

export class BlockKeeper {
  readonly #options: BlockKeeperOptions;
  readonly #row: Live<Blocks | undefined>;
  #stopWatching: (() => void) | null = null;
  #cancelAgain: (() => void) | null = null;
  #busy = false;
  /** Something came while it was busy. */
  #more = false;

  constructor(options: BlockKeeperOptions) {
    this.#options = options;
    this.#row = query(() => readBlocks(options.db));
  }

  start(): void {
    this.#stopWatching = this.#row.subscribe(() => {
      const blocks = this.#row.get();
      if (!blocks) return;
      this.#options.presence.hush(new Set(blockedIn(blocks).keys()));
      if (Object.keys(blocks.asked).length > 0) void this.#keep();
    });
  }

  stop(): void {
    this.#stopWatching?.();
    this.#stopWatching = null;
    this.#cancelAgain?.();
  }

  /** The connection is there (again), or another device changed something. */
  resume(): void {
    void this.#keep();
  }

  async #keep(): Promise<void> {
    this.#more = true;
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#more && this.#options.connected() && this.#stopWatching) {
        this.#more = false;
        await this.#tell();
        await this.#fetch();
      }
    } catch (error) {
      if (error instanceof ApiError) this.#later(error);
      else if (!isClosed(error)) throw error;
    } finally {
      this.#busy = false;
    }
  }

  async #tell(): Promise<void> {
    const { db, rest } = this.#options;
    for (const [userId, { on, at }] of Object.entries((await readBlocks(db)).asked)) {
      const operation = on ? "PUT /api/blocks/{user_id}" : "DELETE /api/blocks/{user_id}";
      try {
        await rest.send(operation, laterOperations[operation], { path: { user_id: userId } });
      } catch (error) {
        // A clear no, as for somebody who has left: what the server knows is true again.
        if (!(error instanceof ApiError) || isForLater(error)) throw error;
        await this.#answered(userId, at, null);
        continue;
      }
      await this.#answered(userId, at, on);
    }
  }

  /** The wish of that moment is fulfilled (`on`), or was refused (null). */
  async #answered(userId: string, at: number, on: boolean | null): Promise<void> {
    await changeBlocks(this.#options.db, (blocks) => {
      const told = { ...blocks.told };
      if (on) told[userId] ??= at;
      if (on === false) delete told[userId];
      const asked = { ...blocks.asked };
      // A change of mind meanwhile is still to be told.
      if (asked[userId]?.at === at) delete asked[userId];
      return { told, asked };
    });
  }

  async #fetch(): Promise<void> {
    const operation = "GET /api/blocks";
    const { blocked } = await this.#options.rest.send(operation, laterOperations[operation]);
    const told = Object.fromEntries(blocked.map(({ userId, since }) => [userId, millis(since)]));
    // Told as soon as it is not what is here; most of the time it is.
    if (sameKeys(told, (await readBlocks(this.#options.db)).told)) return;
    await changeBlocks(this.#options.db, ({ asked }) => ({ told, asked }));
  }

  #later(error: ApiError): void {
    // A server that knows no blocks, or a session that is over: the next connection asks again.
    if (!isForLater(error)) return;
    this.#cancelAgain?.();
    this.#cancelAgain = this.#options.runtime.after(Math.max(AGAIN, (error.retryAfter ?? 0) * 1_000), () => void this.#keep());
  }
}

const isForLater = (error: ApiError): boolean =>
  error.retryable || error.code === "rate_limited" || error.code === "unauthenticated";

const sameKeys = (one: Record<string, number>, other: Record<string, number>): boolean =>
  Object.keys(one).length === Object.keys(other).length && Object.keys(one).every((key) => Object.hasOwn(other, key));
