// What an engine does beside reading and writing, for as long as a tab leads: the archive of message keys, another try at
// what stayed closed, and the marks that travel to the person's other devices. A service worker that sends does without:
// what is to be done waits in the database.

import type { Envelope } from "../../contracts/index.ts";
import type { Database } from "../../db/database.ts";
import type { Runtime } from "../../runtime.ts";
import type { Archive } from "../history/archive.ts";
import { Filing } from "../history/filing.ts";
import { Reopening, type OpenedLate } from "../history/reopening.ts";
import type { Marks } from "../trust/marks.ts";
import type { Vault } from "../vault/vault.ts";

/** What the engine tells. */
export interface Care {
  /** Keys wait to be archived. */
  archived(): void;
  /** Something of the chat could not be opened. */
  closed(chatId: string): void;
  /** The chat's group was looked after: more may open now. */
  tended(chatId: string): void;
  /** What the owner decided on another device is to be fetched. */
  marked(): void;
  stop(): void;
}

/** What the engine does for it. */
export interface Patient {
  /** Says which group the chat is in; what could not be opened in one may open in another. */
  mark(chatId: string): Promise<string>;
  /** Opens messages that could not be opened when they came. */
  late(chatId: string, envelopes: readonly Envelope[], keep: (opened: OpenedLate) => Promise<void>): Promise<void>;
}

export interface CareOptions {
  db: Database;
  vault: Vault;
  me: string;
  term: number;
  runtime: Runtime;
  archive: Archive;
  /** Absent: what the owner decides stays on this device. */
  marks?: Marks;
  /** What is visible of a chat behind `after`, so many at most. Rejects with `ApiError`. */
  page: (chatId: string, after: number, limit: number) => Promise<readonly Envelope[]>;
}

/** The care of a tab, which also begins with what an earlier engine left. */
export class TabCare implements Care {
  readonly #filing: Filing;
  readonly #reopening: Reopening;
  readonly #marks: Marks | undefined;

  constructor({ marks, page, me, ...around }: CareOptions, { mark, late }: Patient) {
    this.#filing = new Filing(around);
    this.#reopening = new Reopening({ ...around, me, page, mark, late });
    this.#marks = marks;
    this.#filing.wake();
    marks?.start();
  }

  /** Archives what waits, now; true when it has to be seen again in a while. Rejects with `ApiError`. */
  file(): Promise<boolean> {
    return this.#filing.run();
  }

  /** Tries again what could not be opened in this chat, now. Answers how many messages stay closed. */
  reopen(chatId: string): Promise<number> {
    return this.#reopening.run(chatId);
  }

  archived(): void {
    this.#filing.wake();
  }

  closed(chatId: string): void {
    this.#reopening.closed(chatId);
  }

  tended(chatId: string): void {
    this.#reopening.wake(chatId);
  }

  marked(): void {
    this.#marks?.wake();
  }

  stop(): void {
    this.#filing.stop();
    this.#reopening.stop();
    this.#marks?.stop();
  }
}
