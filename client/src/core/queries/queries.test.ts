import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, describe, expect, test } from "vitest";

import { askBlock } from "../db/blocks.ts";
import { Database } from "../db/database.ts";
import { writeDraft } from "../db/drafts.ts";
import { forgetChat, moveCount, moveMember, putChat } from "../db/roster.ts";
import { PENDING, type MemberRow, type MessageRow } from "../db/schema.ts";
import { rowOf } from "../sync/rows.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { readChatDetail, readChatList } from "./chats.ts";
import { sendState } from "./send-state.ts";
import { MAX_WINDOW, readWindow } from "./window.ts";

let db: Database;

beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  await putChat(db, ME, chatView({ headSeq: 9 }), null);
});

const rows = (...seqs: number[]): MessageRow[] => seqs.map((seq) => rowOf(envelope(seq), { t: "text", text: `${seq}` }));
const put = async (...opened: MessageRow[]) => db.messages.bulkPut(await db.words.sealMessages(opened));
const shown = async (query: Parameters<typeof readWindow>[3]): Promise<(number | null)[]> =>
  (await readWindow(db, ME, CHAT, query)).items.map((item) => item.seq);

describe("the window", () => {
  test("at the end holds the newest, ascending, and what waits after them", async () => {
    const waiting: MessageRow = { ...rowOf(envelope(99, { senderId: ME }), { t: "text", text: "w" }), order: PENDING + 1, seq: null };
    await put(...rows(3, 1, 2), waiting);
    expect(await shown({ at: "end", limit: 3 })).toEqual([2, 3, null]);
    expect(await readWindow(db, ME, CHAT, { at: "end", limit: 3 })).toMatchObject({
      olderHere: true,
      olderThere: true,
      newerHere: false,
    });
    expect((await readWindow(db, ME, CHAT, { at: "end", limit: 4 })).olderHere).toBe(false);
  });

  test("around an anchor holds so many before, and the anchor and so many after", async () => {
    await put(...rows(1, 2, 3, 4, 5, 6));
    expect(await shown({ at: "anchor", order: 4, before: 2, after: 2 })).toEqual([2, 3, 4, 5]);
    const window = await readWindow(db, ME, CHAT, { at: "anchor", order: 4, before: 3, after: 3 });
    expect(window).toMatchObject({ olderHere: false, newerHere: false });
    expect(await readWindow(db, ME, CHAT, { at: "anchor", order: 4, before: 2, after: 2 })).toMatchObject({
      olderHere: true,
      newerHere: true,
    });
  });

  test("shows notes that could not be sent, and proofs of invitations never", async () => {
    const failure = { code: "not_reachable", message: "no" };
    const of = { senderId: THEM, clientId: "c1" };
    const note = { ...rowOf(envelope(2, { senderId: ME }), { t: "edit", of, text: "x" }), failure };
    const proof = rowOf(envelope(3, { senderId: ME }), { t: "invited", nonce: "AA==", proof: "AA==" });
    await put(...rows(1), note, proof, { ...proof, key: `${proof.key}-failed`, order: 4, seq: 4, failure });
    expect(await shown({ at: "end", limit: 10 })).toEqual([1, 2]);
  });

  test("never shows commits, other chats, or more than its limit", async () => {
    const commit = rowOf(envelope(2, { kind: "commit" }), { t: "unknown", type: "commit" });
    const elsewhere = rows(3).map((row) => ({ ...row, key: "other", chatId: `${CHAT}0` }));
    await put(...rows(1), commit, ...elsewhere);
    expect(await shown({ at: "end", limit: 10 })).toEqual([1]);
    await put(...rows(...Array.from({ length: MAX_WINDOW + 50 }, (_, index) => 10 + index)));
    expect(await shown({ at: "end", limit: 10_000 })).toHaveLength(MAX_WINDOW);
  });
});

describe("how far a message has come", () => {
  const chat = { memberCount: 3, counts: { delivered: null, read: null } };
  const member = (deliveredSeq: number, readSeq: number): MemberRow => ({
    chatId: CHAT,
    userId: `${deliveredSeq}-${readSeq}`,
    role: "member",
    deliveredSeq,
    readSeq,
  });
  const of = (seq: number | null, others: MemberRow[], failed = false) => sendState({ seq, failed }, { chat, others });

  test("is said by everybody else's cursors", () => {
    expect(of(null, [member(0, 0)])).toBe("queued");
    expect(of(null, [member(0, 0)], true)).toBe("failed");
    expect(of(5, [member(4, 4)])).toBe("sent");
    expect(of(5, [member(5, 4), member(9, 9)])).toBe("delivered");
    expect(of(5, [member(5, 5), member(9, 9)])).toBe("read");
    expect(of(5, [])).toBe("sent");
  });

  test("or by their number in a large group", () => {
    const others = [member(0, 0), member(0, 0)];
    const counted = (count: number, seq: number) =>
      sendState({ seq: 5, failed: false }, { chat: { ...chat, counts: { delivered: { seq, count }, read: null } }, others });
    expect(counted(2, 5)).toBe("delivered");
    expect(counted(1, 5)).toBe("sent");
    expect(counted(2, 4)).toBe("sent");
  });

  test("changes with receipts, which never go back", async () => {
    await put(rowOf(envelope(5, { senderId: ME }), { t: "text", text: "mine" }));
    const state = async () => (await readWindow(db, ME, CHAT, { at: "end", limit: 1 })).items[0]?.state;
    await moveMember(db, { chatId: CHAT, userId: THEM, seq: 5, read: false });
    expect(await state()).toBe("delivered");
    await moveMember(db, { chatId: CHAT, userId: THEM, seq: 7, read: true });
    await moveMember(db, { chatId: CHAT, userId: THEM, seq: 2, read: true });
    expect(await state()).toBe("read");
    await putChat(db, ME, chatView(), null);
    expect(await state()).toBe("read");
    await moveCount(db, { chatId: CHAT, seq: 9, count: 1, read: true });
    await moveCount(db, { chatId: CHAT, seq: 8, count: 3, read: true });
    expect((await db.chats.get(CHAT))?.counts.read).toEqual({ seq: 9, count: 1 });
  });
});

describe("the chat list", () => {
  test("is sorted by activity, and knows the other person once they are known", async () => {
    const other = { id: `${CHAT}1`, createdAt: "2025-01-01T00:00:00Z" };
    await putChat(db, ME, chatView(other), null);
    expect((await readChatList(db, ME, 0)).map((chat) => chat.id)).toEqual([CHAT, other.id]);
    await putChat(db, ME, chatView({ ...other, headSeq: 1 }), rowOf(envelope(1, { chatId: other.id }), { t: "text", text: "new" }));
    const [first] = await readChatList(db, ME, 0);
    expect(first).toMatchObject({ id: other.id, partner: null, previewState: null, draft: null });
    const them = { id: THEM, username: "them", displayName: "Them", avatar: null, bio: "", createdAt: 0, fetchedAt: 0 };
    await db.users.put(them);
    await writeDraft(db, other.id, "so", 0);
    expect((await readChatList(db, ME, 0))[0]).toMatchObject({ partner: them, previewSender: them, draft: "so" });
  });

  test("does not show in a group what somebody said last whom one blocks; alone with them it stays", async () => {
    const lastMessage = envelope(9);
    const group = { id: "group", type: "group", name: "Roof" } as const;
    await putChat(db, ME, chatView({ lastMessage }), rowOf(lastMessage, { t: "text", text: "9" }));
    await putChat(db, ME, chatView({ ...group, lastMessage }), rowOf(envelope(9, { chatId: "group" }), { t: "text", text: "9" }));
    const hushed = async (): Promise<string[]> => (await readChatList(db, ME, 0)).filter((chat) => chat.hushed).map((chat) => chat.id);
    expect(await hushed()).toEqual([]);
    await askBlock(db, THEM, true, 1);
    expect(await hushed()).toEqual(["group"]);
  });

  test("notes to self have oneself as partner", async () => {
    const participants = [{ userId: ME, role: "member" as const, deliveredSeq: 0, readSeq: 0 }];
    await putChat(db, ME, chatView({ participants }), null);
    expect((await readChatDetail(db, ME, 0, CHAT))?.partnerId).toBe(ME);
  });

  test("a group's people are sorted by role and name, and who left is not among them", async () => {
    const group = (...ids: string[]) =>
      chatView({
        type: "group",
        name: "G",
        participants: [
          { userId: ME, role: "admin", deliveredSeq: 0, readSeq: 0 },
          ...ids.map((userId, index) => ({ userId, role: index === 0 ? ("owner" as const) : ("member" as const), deliveredSeq: 0, sharedReadSeq: 0 })),
        ],
      });
    await putChat(db, ME, group("z", "y", "x"), null);
    const names = { z: "Zoe", y: "Yan", x: "Ada" };
    await db.users.bulkPut(
      Object.entries(names).map(([id, displayName]) => ({ id, username: id, displayName, avatar: null, bio: "", createdAt: 0, fetchedAt: 0 })),
    );
    const detail = await readChatDetail(db, ME, 0, CHAT);
    expect(detail?.members.map((member) => member.userId)).toEqual(["z", ME, "x", "y"]);
    expect(detail?.myRole).toBe("admin");
    await putChat(db, ME, group("z", "y"), null);
    expect((await readChatDetail(db, ME, 0, CHAT))?.members.map((member) => member.userId)).toEqual(["z", ME, "y"]);
  });

  test("a chat that is not here is null", async () => {
    await forgetChat(db, CHAT);
    expect(await readChatDetail(db, ME, 0, CHAT)).toBeNull();
  });
});
