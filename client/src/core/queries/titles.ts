// What was said about chats themselves, from the local database: what they are called, how they look, how long messages
// last.

import type { Database } from "../db/database.ts";
import type { ChatType, Encryption, MessageRow, Role } from "../db/schema.ts";
import { givenIn, pictureOf, timerOf, titleOf, type View } from "../talk/titles.ts";

interface Talked {
  id: string;
  type: ChatType;
  encryption: Encryption;
}

/** The names of these chats as far as they were said inside of their encryption, by the chats' ids. */
export async function titlesOf(db: Database, me: string, chats: readonly Talked[]): Promise<Map<string, string>> {
  return new Map([...(await looksOf(db, me, chats))].flatMap(([id, { title }]) => (title === null ? [] : [[id, title] as const])));
}

/** What a group is called and how it looks, as far as somebody said. */
export interface Look {
  title: string | null;
  /** In base64, "" for none. */
  image: string | null;
}

/** The same of each of these chats, by the chats' ids. */
export async function looksOf(db: Database, me: string, chats: readonly Talked[]): Promise<Map<string, Look>> {
  const groups = chats.filter((chat) => chat.type === "group" && chat.encryption === "mls");
  if (groups.length === 0) return new Map();
  const { rows, viewOf } = await settings(db, me, groups);
  return new Map(
    groups.map((chat) => {
      const [mine, view] = [rows.filter((row) => row.chatId === chat.id), viewOf(chat)];
      return [chat.id, { title: titleOf(mine, view), image: pictureOf(mine, view) }] as const;
    }),
  );
}

/** How many seconds messages of the chat last, 0 for good; null: nobody has said. What the server reads lasts. */
export async function timerIn(db: Database, me: string, chat: Talked): Promise<number | null> {
  if (chat.encryption !== "mls") return null;
  const { rows, viewOf } = await settings(db, me, [chat]);
  return timerOf(rows, viewOf(chat));
}

/** The keys of the messages of this chat that name or picture it or set its timer, by somebody who might. */
export async function givenSettings(db: Database, me: string, chatId: string): Promise<ReadonlySet<string>> {
  const chat = await db.chats.get(chatId);
  if (!chat) return new Set();
  const { rows, viewOf } = await settings(db, me, [chat]);
  return new Set(givenIn(rows, viewOf(chat)).map((row) => row.key));
}

async function settings(
  db: Database,
  me: string,
  chats: readonly Talked[],
): Promise<{ rows: MessageRow[]; viewOf: (chat: Talked) => View }> {
  const ids = chats.map(({ id }) => id);
  const rows = await db.words.openMessages(await db.messages.where("named").anyOf(ids).toArray());
  const members = await db.members.bulkGet(rows.map((row): [string, string] => [row.chatId, row.senderId]));
  const roles = new Map<string, Role>(members.flatMap((each) => (each ? [[`${each.chatId}/${each.userId}`, each.role] as const] : [])));
  const viewOf = ({ id, type }: Talked): View => ({
    me,
    roleOf: (userId) => roles.get(`${id}/${userId}`),
    everybody: type === "direct",
  });
  return { rows, viewOf };
}
