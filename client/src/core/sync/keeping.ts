// How what was opened of a chat's log is stored: on the page, and in the engine's thread.

import type { Keep, LogPiece } from "../crypto/interface.ts";
import type { Database } from "../db/database.ts";
import { appendPiece } from "../db/pieces.ts";
import { rowsOf } from "./rows.ts";

/** Stores that piece, with rows, cursor and keys in one transaction; answers and rejects as `appendPiece` does. */
export const keeping =
  (db: Database, me: string, term: number, chatId: string, { after, envelopes }: LogPiece): Keep =>
  ({ results, writes }) =>
    appendPiece(db, me, term, { chatId, after, rows: rowsOf(envelopes, results), writes });
