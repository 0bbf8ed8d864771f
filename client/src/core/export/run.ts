// Exports a chat: fetches what is not here, then hands the file on in pieces. The server takes no part but in the fetching
// that scrolling does, too.

import type { Account } from "../account.ts";
import type { Database } from "../db/database.ts";
import { walk } from "../db/walk.ts";
import { ApiError } from "../errors.ts";
import { isShown, readItems } from "../queries/window.ts";
import { isUnreadable, isUnsent, peopleIn, type ExportCounts, type ExportedChat, type ExportTail, type ExportWriter, type Known } from "./model.ts";

/** Where the file goes. */
export interface Sink {
  write(piece: string): Promise<void>;
  /** The file is whole. */
  close(): Promise<void>;
  /** It will never be. */
  abort(): Promise<void>;
}

export interface ExportProgress {
  phase: "fetching" | "writing";
  done: number;
  total: number;
}

export interface ExportOptions {
  writer: ExportWriter;
  sink: Sink;
  /** Only what is on this device. */
  onlyHere: boolean;
  /** What the chat is called for the person. */
  name: string;
  /** The moment, in milliseconds since the epoch. */
  at: number;
  signal: AbortSignal;
  progress: (progress: ExportProgress) => void;
}

/** What of an account an export needs. */
export interface ExportPlace {
  db: Database;
  me: string;
  people: Pick<Account["people"], "want">;
  /** Fetches older messages; false: there are none. Rejects with `ApiError`. */
  older: (chatId: string) => Promise<boolean>;
}

/**
 * Writes the file and closes the sink. Rejects with `ApiError` (`cancelled` after `signal`, `offline` when something has
 * to be fetched and cannot be, `not_found`), and as the sink does; the sink is aborted then.
 */
export async function exportChat(place: ExportPlace, chatId: string, options: ExportOptions): Promise<ExportTail> {
  const { sink } = options;
  try {
    const complete = await fetched(place, chatId, options);
    const tail = { counts: await written(place, chatId, options), complete };
    await sink.write(options.writer.end(tail));
    stopIf(options.signal);
    await sink.close();
    return tail;
  } catch (error) {
    // What went wrong first is what there is to tell.
    await sink.abort().catch(() => {});
    throw error;
  }
}

const stopIf = (signal: AbortSignal): void => {
  if (signal.aborted) throw ApiError.local("cancelled");
};

/** Whether everything is here now. */
async function fetched({ db, older }: ExportPlace, chatId: string, { onlyHere, signal, progress }: ExportOptions): Promise<boolean> {
  for (;;) {
    stopIf(signal);
    const [chat, cursor] = await Promise.all([db.chats.get(chatId), db.cursors.get(chatId)]);
    if (!chat) throw ApiError.local("not_found");
    if (!cursor || cursor.complete) return cursor !== undefined;
    // Whoever is not in the chat gets no more of it.
    if (onlyHere || chat.membership === "gone") return false;
    progress({ phase: "fetching", done: Math.max(0, cursor.to - cursor.from + 1), total: Math.max(1, cursor.to) });
    if (!(await older(chatId))) return (await db.cursors.get(chatId))?.complete ?? false;
  }
}

async function written({ db, me, people }: ExportPlace, chatId: string, options: ExportOptions): Promise<ExportCounts> {
  const { writer, sink, name, at, signal, progress } = options;
  const chat = await db.chats.get(chatId);
  if (!chat) throw ApiError.local("not_found");
  const { id, type, encryption, createdAt } = chat;
  const head: ExportedChat = { id, type, name, encrypted: encryption === "mls", createdAt };
  await sink.write(writer.begin({ chat: head, me, at }));
  const total = await db.messagesIn(chatId).count();
  const counts: ExportCounts = { messages: 0, unreadable: 0, unsent: 0 };
  const asked = new Set<string>();
  let done = 0;
  for await (const rows of walk(db, chatId)) {
    stopIf(signal);
    const items = await readItems(db, me, await db.words.openMessages(rows.filter(isShown)));
    const ids = [...peopleIn(items)];
    await people.want(ids.filter((each) => !asked.has(each)));
    for (const each of ids) asked.add(each);
    await sink.write(writer.add(items, await known(db, ids)));
    counts.messages += items.length;
    counts.unreadable += items.filter(isUnreadable).length;
    counts.unsent += items.filter(isUnsent).length;
    done += rows.length;
    progress({ phase: "writing", done: Math.min(done, total), total: Math.max(1, total) });
  }
  return counts;
}

async function known(db: Database, ids: string[]): Promise<Known> {
  return new Map((await db.users.bulkGet(ids)).flatMap((row) => (row ? [[row.id, row] as const] : [])));
}
