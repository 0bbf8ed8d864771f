// From a chat in which nothing is said any more to the encrypted one that takes its place.

import type { Account } from "../account.ts";
import type { Api, ChatView } from "../api/api.ts";
import type { Rest } from "../api/http.ts";
import { laterOperations } from "../contracts/generated/later-operations.ts";
import type { StoredChat } from "../db/stored.ts";
import { ApiError } from "../errors.ts";
import { looksOf, timerIn } from "../queries/titles.ts";
import { successorOf } from "../talk/successors.ts";

/** The chat, and what to say in it about itself unless that has been said. */
export interface Successor {
  view: ChatView;
  name: string | null;
  /** How the old one looks, as of bodies. */
  image: string | null;
  /** How many seconds messages last in the old one; null: nobody has said, or it is not this person's to say. */
  lasts: number | null;
}

const UNSAID = { name: null, image: null, lasts: null };

/**
 * The encrypted group of the same people as in one that the server can read: the one that is there, or a new one that an admin makes. Rejects with
 * `ApiError`: `successor_missing` for somebody who is no admin while there is none.
 */
export async function successorOfOld({ db, me }: Account, api: Api, chatId: string): Promise<Successor> {
  const [stored, members] = await Promise.all([db.chats.get(chatId), db.membersOf(chatId)]);
  const [chat] = await db.words.openChats(stored ? [stored] : []);
  if (!chat || chat.type !== "group") throw ApiError.local("not_found");
  const id = await successorOf(chat);
  const there = await api.chat(id).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === "chat_not_found") return null;
    throw error;
  });
  if (there) return { view: there, ...UNSAID };
  if ((members.find((each) => each.userId === me)?.role ?? "member") === "member") {
    throw missing();
  }
  const participants = members.map((each) => each.userId).filter((userId) => userId !== me);
  const wish = { type: "group" as const, participants: participants.length > 0 ? participants : [me] };
  try {
    return { view: await api.createChat({ ...wish, id }), name: chat.name, image: null, lasts: null };
  } catch (error) {
    // Another admin was faster, with whoever was in the group then.
    if (error instanceof ApiError && error.code === "client_id_reused") {
      return { view: await api.chat(id), ...UNSAID };
    }
    throw error;
  }
}

const SUCCEED = "POST /api/chats/{chat_id}/successor";

/**
 * The chat of the same people in the same roles that takes an encrypted one's place; the server makes it once. The name,
 * which the server does not know, comes along when this person may say it. Rejects as `successorOfOld` does.
 */
export async function successorOfSealed({ db, me }: Account, rest: Rest, chat: StoredChat): Promise<Successor> {
  const view = await rest.send(SUCCEED, laterOperations[SUCCEED], { path: { chat_id: chat.id } }).catch((error: unknown) => {
    throw error instanceof ApiError && error.code === "forbidden" ? missing() : error;
  });
  const mine = view.participants.find((each) => each.userId === me)?.role ?? "member";
  // Who begins it says it, or whoever comes while nothing has been said: later it may be called otherwise.
  const says = view.lastMessage === null && (chat.type === "direct" || mine !== "member");
  if (!says) return { view, ...UNSAID };
  const [looks, lasts] = await Promise.all([looksOf(db, me, [chat]), timerIn(db, me, chat)]);
  const { title: name = null, image = null } = looks.get(chat.id) ?? {};
  return { view, name, image, lasts };
}

function missing(): ApiError {
  const message = "Only an admin of this group can begin the new one. Ask them to open this chat.";
  return new ApiError({ code: "successor_missing", message });
}
