// A piece of a chat's messages, from the local database.

import type { Database } from "../db/database.ts";
import type { Body, MessageRow } from "../db/schema.ts";
import type { MessageFrame, StoredMessage } from "../db/stored.ts";
import type { MessageItem, MessageWindow, WindowQuery } from "../services.ts";
import { isSetting } from "../talk/bodies.ts";
import { CLAIM } from "../talk/project.ts";
import { sendState, type Reach } from "./send-state.ts";
import { showRows } from "./shown.ts";
import { givenSettings } from "./titles.ts";

/** More rows than this are never read at once: the list shows a window, not a chat. */
export const MAX_WINDOW = 600;

/** What was said about another message is shown there; what of it could not be sent stands where it was said. Proofs are no words. */
export const isShown = ({ kind, expired, about, failure }: MessageFrame): boolean =>
  kind !== "commit" && expired !== true && (about === undefined || (kind === "message" && failure !== null && about !== CLAIM));

/** The piece that `query` asks for. */
export async function readWindow(db: Database, me: string, chatId: string, query: WindowQuery): Promise<MessageWindow> {
  const [chat, members, cursor, piece] = await Promise.all([
    db.chats.get(chatId),
    db.membersOf(chatId),
    db.cursors.get(chatId),
    query.at === "end" ? readEnd(db, chatId, query.limit) : readAround(db, chatId, query),
  ]);
  const reach: Reach | null = chat ? { chat, others: members.filter((member) => member.userId !== me) } : null;
  const items = await itemsOf(db, me, await db.words.openMessages(piece.rows), reach);
  return { items, olderHere: piece.older, olderThere: cursor ? !cursor.complete : false, newerHere: piece.newer };
}

/** Rows as they are shown. */
async function itemsOf(db: Database, me: string, rows: readonly MessageRow[], reach: Reach | null): Promise<MessageItem[]> {
  const [shown, refused] = await Promise.all([showRows(db, rows), refusedSettings(db, me, rows)]);
  return rows.flatMap((row, index): MessageItem | [] => {
    if (refused.has(row.key) || row.body.t === "expired") return [];
    const mine = row.senderId === me;
    const told = mine && row.kind === "message" && reach !== null;
    const state = told ? sendState({ seq: row.seq, failed: row.failure !== null }, reach) : null;
    const { body: said = row.body, edited = false, pinned = false, reactions = [], tally = null, replyTo = null } = shown[index] ?? {};
    const body = toldOf(said);
    const forwarded = body.t === "text" && body.forwarded === true;
    return { ...row, body, edited, pinned, reactions, tally, replyTo, forwarded, deleted: body.t === "deleted", mine, state };
  });
}

/** What is said about the chat is told like a name that the server knows. */
function toldOf(said: Body): Body {
  if (said.t === "name") return { t: "system", event: { what: "renamed", name: said.name } };
  if (said.t === "picture") return { t: "system", event: { what: "picture", image: said.image } };
  return said.t === "timer" ? { t: "system", event: { what: "timer", lasts: said.lasts } } : said;
}

/** Names, pictures and timers that somebody gave who might not: they hold nowhere, and nobody is told. */
async function refusedSettings(db: Database, me: string, rows: readonly MessageRow[]): Promise<ReadonlySet<string>> {
  const settings = rows.filter((row) => isSetting(row.body) && row.failure === null);
  const [first] = settings;
  if (!first) return new Set();
  const given = await givenSettings(db, me, first.chatId);
  return new Set(settings.flatMap(({ key }) => (given.has(key) ? [] : [key])));
}

/** Rows as they are shown, by themselves. */
export const readItems = (db: Database, me: string, rows: readonly MessageRow[]): Promise<MessageItem[]> => itemsOf(db, me, rows, null);

/** The pinned messages that are here, the newest pin first. */
export async function readPinned(db: Database, me: string, chatId: string): Promise<MessageItem[]> {
  const pins = await db.messages.where("pinIn").equals(chatId).toArray();
  const last = new Map(pins.toSorted((one, other) => one.order - other.order).map((pin) => [pin.about ?? "", pin.order]));
  const newest = [...last].toSorted((one, other) => other[1] - one[1]).map(([key]) => key);
  const rows = await db.words.openMessages((await db.messages.bulkGet(newest)).flatMap((row) => row ?? []));
  return (await readItems(db, me, rows)).filter((item) => item.pinned && item.chatId === chatId);
}

interface Piece {
  rows: StoredMessage[];
  older: boolean;
  newer: boolean;
}

async function readEnd(db: Database, chatId: string, limit: number): Promise<Piece> {
  const size = Math.min(limit, MAX_WINDOW);
  const rows = await db.messagesIn(chatId).reverse().filter(isShown).limit(size + 1).toArray();
  return { rows: rows.slice(0, size).toReversed(), older: rows.length > size, newer: false };
}

async function readAround(
  db: Database,
  chatId: string,
  query: { order: number; before: number; after: number },
): Promise<Piece> {
  const before = Math.min(query.before, MAX_WINDOW / 2);
  const after = Math.min(query.after, MAX_WINDOW / 2);
  const index = db.messages.where("[chatId+order]");
  const [above, below] = await Promise.all([
    index
      .between([chatId, -Infinity], [chatId, query.order], true, false)
      .reverse()
      .filter(isShown)
      .limit(before + 1)
      .toArray(),
    db
      .messagesIn(chatId, query.order)
      .filter(isShown)
      .limit(after + 1)
      .toArray(),
  ]);
  const rows = [...above.slice(0, before).toReversed(), ...below.slice(0, after)];
  return { rows, older: above.length > before, newer: below.length > after };
}
