// The chat list and one chat with its people, from the local database.

import { readBlocked } from "../db/blocks.ts";
import type { Database } from "../db/database.ts";
import type { ChatRow, MemberRow, Profile, Role } from "../db/schema.ts";
import type { StoredChat } from "../db/stored.ts";
import type { ChatDetail, ChatItem, MemberItem } from "../services.ts";
import { inOrder, placeOf } from "./order.ts";
import { sendState } from "./send-state.ts";
import { showPreviews } from "./shown.ts";
import { successorOf } from "../talk/successors.ts";
import { pictureUrl } from "../talk/picture.ts";
import { looksOf, timerIn, type Look } from "./titles.ts";

const RANK: Record<Role, number> = { owner: 0, admin: 1, member: 2 };

/** All chats at the moment `now`: the pinned, then the newest activity first, then the archived. */
export async function readChatList(db: Database, me: string, now: number): Promise<ChatItem[]> {
  return inOrder(await decorate(db, me, now, await db.chats.orderBy("activeAt").reverse().toArray()));
}

/** One chat with everybody in it; null when it is not here. */
export async function readChatDetail(db: Database, me: string, now: number, chatId: string): Promise<ChatDetail | null> {
  const row = await db.chats.get(chatId);
  if (!row) return null;
  const [item] = await decorate(db, me, now, [row]);
  const rows = await db.membersOf(chatId);
  const profiles = await profilesOf(db, rows.map((member) => member.userId));
  const members = rows.map((member): MemberItem => ({ ...member, profile: profiles.get(member.userId) ?? null }));
  members.sort((one, other) => RANK[one.role] - RANK[other.role] || nameOf(one).localeCompare(nameOf(other)));
  const myRole = rows.find((member) => member.userId === me)?.role ?? "member";
  return item ? { ...item, members, myRole, lasts: (await timerIn(db, me, row)) ?? 0, goesOn: await goesOn(db, row) } : null;
}

/** The chat that takes this one's place, if it is here; one with another person is none. */
async function goesOn(db: Database, row: StoredChat): Promise<string | null> {
  if (row.encryption !== "mls") return null;
  const after = await db.chats.get(await successorOf(row));
  return after?.membership === "member" && after.encryption === "mls" && after.partnerId === row.partnerId ? after.id : null;
}

const nameOf = (member: MemberItem): string => member.profile?.displayName ?? "";

/** These chats as the list shows them. */
export const readChats = (db: Database, me: string, now: number, rows: StoredChat[]): Promise<ChatItem[]> => decorate(db, me, now, rows);

async function decorate(db: Database, me: string, now: number, stored: StoredChat[]): Promise<ChatItem[]> {
  const rows = await db.words.openChats(stored);
  const looks = await looksOf(db, me, rows);
  const unnamed = new Map(
    await Promise.all(rows.filter((row) => isUnnamed(row, looks)).map(async ({ id }) => [id, await someOf(db, me, id)] as const)),
  );
  const people = rows.flatMap((row) => [row.partnerId ?? [], row.preview?.senderId ?? [], unnamed.get(row.id) ?? []].flat());
  const [blocked, profiles, drafts, shown, members] = await Promise.all([
    readBlocked(db),
    profilesOf(db, people),
    draftsOf(db, rows.map((row) => row.id)),
    showPreviews(db, rows.flatMap(({ id, preview }) => (preview ? { ...preview, chatId: id } : []))),
    Promise.all(rows.map((row) => (row.preview?.senderId === me ? db.membersOf(row.id) : NOBODY))),
  ]);
  const item = (row: ChatRow, index: number): ChatItem => {
    const { preview, partnerId } = row;
    const others = (members[index] ?? []).filter((member) => member.userId !== me);
    return {
      ...row,
      ...placeOf(row, now),
      name: looks.get(row.id)?.title ?? row.name,
      picture: pictureUrl(looks.get(row.id)?.image ?? ""),
      some: (unnamed.get(row.id) ?? []).flatMap((userId) => profiles.get(userId)?.displayName ?? []),
      preview: preview && preview.body.t !== "expired" ? { ...preview, body: shown.get(preview.key) ?? preview.body } : null,
      partner: partnerId === null ? null : (profiles.get(partnerId) ?? null),
      previewSender: preview ? (profiles.get(preview.senderId) ?? null) : null,
      hushed: preview !== null && row.type === "group" && blocked.has(preview.senderId),
      previewState: preview?.senderId === me ? sendState(preview, { chat: row, others }) : null,
      draft: drafts[index] ?? null,
    };
  };
  return rows.map(item);
}

const isUnnamed = ({ id, type, name }: ChatRow, looks: ReadonlyMap<string, Look>): boolean =>
  type === "group" && name === null && (looks.get(id)?.title ?? null) === null;

/** Others of a group that has no name, to call it after. */
async function someOf(db: Database, me: string, chatId: string): Promise<string[]> {
  const others = (await db.membersOf(chatId)).filter((member) => member.userId !== me);
  return others.slice(0, MENTIONED).map((member) => member.userId);
}

/** People after whom a group without a name is called. */
const MENTIONED = 3;

const draftsOf = async (db: Database, chatIds: string[]): Promise<(string | null)[]> =>
  db.words.openDrafts(await db.drafts.bulkGet(chatIds));

const NOBODY: Promise<MemberRow[]> = Promise.resolve([]);

async function profilesOf(db: Database, userIds: readonly string[]): Promise<Map<string, Profile>> {
  const rows = await db.users.bulkGet([...new Set(userIds)]);
  return new Map(rows.flatMap((row) => (row ? [[row.id, row] as const] : [])));
}
