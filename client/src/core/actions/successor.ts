// From a chat that the server can read to the encrypted one that takes its place.

import type { Account } from "../account.ts";
import type { Api, ChatView } from "../api/api.ts";
import { ApiError } from "../errors.ts";

/**
 * The id of the encrypted group that takes a group's place: the same for everybody, so that two admins who begin it at
 * the same time begin one, and nobody has to be told where it is. A UUIDv7 with other random bits stays a UUIDv7.
 */
export function successorOf(chatId: string): string {
  const tail = (BigInt(`0x${chatId.slice(-12)}`) ^ 0x5ea1_ed0c_4a75n).toString(16).padStart(12, "0");
  return chatId.slice(0, -12) + tail;
}

/** The group, and the name to give it when it is new. */
export interface Successor {
  view: ChatView;
  name: string | null;
}

/**
 * The encrypted group of the same people: the one that is there, or a new one that an admin makes. Rejects with
 * `ApiError`: `successor_missing` for somebody who is no admin while there is none.
 */
export async function successor({ db, me }: Account, api: Api, chatId: string): Promise<Successor> {
  const [stored, members] = await Promise.all([db.chats.get(chatId), db.membersOf(chatId)]);
  const [chat] = await db.words.openChats(stored ? [stored] : []);
  if (!chat || chat.type !== "group") throw ApiError.local("not_found");
  const id = successorOf(chatId);
  const there = await api.chat(id).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === "chat_not_found") return null;
    throw error;
  });
  if (there) return { view: there, name: null };
  if ((members.find((each) => each.userId === me)?.role ?? "member") === "member") {
    const message = "An admin of this group begins the encrypted one. Ask them to open this chat.";
    throw new ApiError({ code: "successor_missing", message });
  }
  const participants = members.map((each) => each.userId).filter((userId) => userId !== me);
  const wish = { type: "group" as const, participants: participants.length > 0 ? participants : [me] };
  try {
    return { view: await api.createChat({ ...wish, id }), name: chat.name };
  } catch (error) {
    // Another admin was faster, with whoever was in the group then.
    if (error instanceof ApiError && error.code === "client_id_reused") {
      return { view: await api.chat(id), name: null };
    }
    throw error;
  }
}
