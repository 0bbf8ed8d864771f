// What a group is called, how it looks and how long messages last, for those who have come since it was said.
//
// Whoever lets devices in says it to them. A device that comes in from outside, when nobody is there to let it in, is told
// by the person's other devices, and failing them by the group's owner or the other of two: whoever is there first.

import type { Came } from "../crypto/interface.ts";
import type { Database } from "../db/database.ts";
import type { MessageFrame, StoredChat } from "../db/stored.ts";
import { looksOf, timerIn } from "../queries/titles.ts";
import type { Runtime } from "../runtime.ts";
import { say, type Speaker } from "./say.ts";

/** Milliseconds, at least and by chance more, that a device waits for another one to answer. */
const OWN = { least: 0, more: 1_500 };
const OTHER = { least: 2_500, more: 3_000 };

/** Says it again, unless somebody who is believed has since one `came` by themselves. */
export async function sayAgain(speaker: Speaker, runtime: Runtime, chatId: string, came?: Came): Promise<void> {
  const chat = await speaker.db.chats.get(chatId);
  if (!chat || chat.membership === "gone") return;
  if (came !== undefined) {
    const wait = await patience(speaker, chat, came.userId);
    if (wait === null) return;
    await new Promise<void>((done) => void runtime.after(wait.least + runtime.random() * wait.more, done));
    if (await isSaidSince(speaker, chat, came.seq)) return;
  }
  await saySettings(speaker, runtime, chat);
}

const isSaid = (row: MessageFrame): boolean => row.kind === "message" && row.seq !== null;

export async function saySettings(speaker: Speaker, runtime: Runtime, chat: StoredChat): Promise<void> {
  const { db, me } = speaker;
  // As long as it waits to be said at all, newcomers will hear that.
  const said = await db.messages.where("named").equals(chat.id).filter(isSaid).count();
  if (said === 0) return;
  const { title: name = null, image = null } = (await looksOf(db, me, [chat])).get(chat.id) ?? {};
  if (name !== null) await say(speaker, runtime, chat.id, { t: "name", name, again: true });
  if (image !== null) await say(speaker, runtime, chat.id, { t: "picture", image, again: true });
  const lasts = await timerIn(db, me, chat);
  if (lasts !== null) await say(speaker, runtime, chat.id, { t: "timer", lasts, again: true });
}

/** How long to wait for others; null: it is not for this person to answer. */
async function patience({ db, me }: Speaker, chat: StoredChat, userId: string): Promise<typeof OWN | null> {
  if (userId === me) return OWN;
  return chat.type === "direct" || (await roleOf(db, chat.id, me)) === "owner" ? OTHER : null;
}

async function isSaidSince({ db, me }: Speaker, { id, type }: StoredChat, seq: number): Promise<boolean> {
  const rows = await db.messages.where("named").equals(id).filter((row) => row.kind === "message" && row.order > seq).toArray();
  for (const { failure, senderId } of rows) {
    if (failure !== null) continue;
    if (senderId === me || type === "direct" || (await roleOf(db, id, senderId)) !== "member") return true;
  }
  return false;
}

const roleOf = async (db: Database, chatId: string, userId: string): Promise<string> =>
  (await db.members.get([chatId, userId]))?.role ?? "member";
