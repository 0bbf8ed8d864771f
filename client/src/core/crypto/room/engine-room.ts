// The engine's own thread, from inside: serves one leading engine to the page that started it.
//
// It has the database for itself; requests go through the page, which knows the session and asks the person when the
// server wants proof. What it opened it stores itself: the page has nothing to do for messages but to show them.

import type { DexieOptions } from "dexie";
import type * as v from "valibot";

import type { AnswerOf, CallOptions, Rest } from "../../api/http.ts";
import { parse } from "../../contracts/index.ts";
import { Database } from "../../db/database.ts";
import type { OutboxRow } from "../../db/schema.ts";
import type { Runtime } from "../../runtime.ts";
import { keeping } from "../../sync/keeping.ts";
import type { Came, CryptoChat, Keep, LeadOptions, LogPiece, ReadyCrypto } from "../interface.ts";
import { MlsCrypto } from "../engine/mls-crypto.ts";
import { Wire, type Port } from "./wire.ts";

/** What of a request can travel. */
export type Asked = Pick<CallOptions, "path" | "query" | "body" | "timeout">;

/** What the page does for the engine. */
export type PageSide = {
  /** The answer as it came: whoever asked knows what it has to look like. */
  rest(operation: string, asked: Asked): Promise<unknown>;
  download(operation: string, asked: Asked): Promise<Blob>;
  behind(chatId: string, headSeq: number): void;
  letIn(chatId: string, came?: Came): void;
};

/** What the engine does for the page. */
export type RoomSide = {
  lead(who: { me: string; term: number }): Promise<void>;
  follow(chat: CryptoChat, piece: LogPiece): Promise<number | null>;
  prepare(chat: CryptoChat, row: OutboxRow): Promise<void>;
  tend(chats: readonly CryptoChat[]): Promise<void>;
  replenish(): Promise<void>;
  marks(): Promise<void>;
  /** Answers as long as this thread goes on. */
  alive(): void;
};

/** What is around the engine in its thread. */
export interface RoomWorld {
  runtime: Runtime;
  /** Another IndexedDB than the global one (tests). */
  database?: DexieOptions;
}

interface Led {
  ready: ReadyCrypto;
  keep: (chatId: string, piece: LogPiece) => Keep;
}

/** Serves the page at the other end of `port`; whoever ends the thread ends the engine. */
export function serveEngine(port: Port, { runtime, database }: RoomWorld): void {
  let leading: Promise<Led> | null = null;
  const led = (): Promise<Led> => leading ?? Promise.reject(new TypeError("nobody has begun"));
  const engine = async (): Promise<ReadyCrypto> => (await led()).ready;
  const lead = async (me: string, options: LeadOptions): Promise<Led> => {
    const db = new Database(me, database);
    db.clock = runtime.now;
    const ready = await new MlsCrypto({ db, me, rest: restOver(page), runtime }).lead(options);
    return { ready, keep: (chatId, piece) => keeping(db, me, options.term, chatId, piece) };
  };
  const room: RoomSide = {
    lead: async ({ me, term }) => {
      leading = lead(me, {
        term,
        behind: (chatId, headSeq) => void page.call("behind", chatId, headSeq),
        letIn: (chatId, came) => void page.call("letIn", chatId, came),
      });
      await leading;
    },
    follow: async (chat, piece) => {
      const { ready, keep } = await led();
      return ready.follow(chat, piece, keep(chat.id, piece));
    },
    prepare: async (chat, row) => (await engine()).prepare(chat, row),
    tend: async (chats) => (await engine()).tend(chats),
    replenish: async () => (await engine()).replenish(),
    marks: async () => (await engine()).marks(),
    alive: () => {},
  };
  const page = new Wire<PageSide>(port, room, () => {});
}

/** Requests by way of the page. */
function restOver(page: Wire<PageSide>): Rest {
  return {
    send: async <S extends v.GenericSchema | null>(operation: string, schema: S, options: CallOptions = {}) => {
      const body = await page.call("rest", operation, asked(options));
      // The schema's type says what its output is; TypeScript cannot follow it through the condition.
      return (schema ? parse(schema, body, operation) : null) as AnswerOf<S>;
    },
    download: (operation, options = {}) => page.call("download", operation, asked(options)),
  };
}

/** Signals and listeners cannot travel, and the engine uses none. */
function asked({ path, query, body, timeout }: CallOptions): Asked {
  return { ...(path ? { path } : {}), ...(query ? { query } : {}), ...(timeout ? { timeout } : {}), body };
}
