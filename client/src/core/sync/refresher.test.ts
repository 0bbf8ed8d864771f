import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";

import type { ChatView } from "../api/api.ts";
import { plaintext } from "../crypto/plaintext.ts";
import { Database } from "../db/database.ts";
import { ApiError } from "../errors.ts";
import { CHAT, chatView, envelope, ME } from "../testing/envelopes.ts";
import { Refresher } from "./refresher.ts";

let db: Database;
/** Questions that wait for their answer. */
let asked: { answer: (view: ChatView) => void; fail: (error: Error) => void }[];
let pages: Record<string, { chats: ChatView[]; hasMore: boolean }>;
let refresher: Refresher;

beforeEach(() => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  asked = [];
  refresher = new Refresher(db, ME, plaintext, {
    chat: () => new Promise((answer, fail) => asked.push({ answer, fail })),
    chats: (before = "") => Promise.resolve(pages[before] ?? expect.fail(`no page before ${before}`)),
  });
});

const chats = async () => db.words.openChats(await db.chats.toArray());
const name = async () => (await chats())[0]?.name;
const named = (it: string) => chatView({ type: "group", name: it });
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test("who asks while an older question is on its way gets an answer of their own", async () => {
  const first = refresher.one(CHAT);
  const second = refresher.one(CHAT);
  const third = refresher.one(CHAT);
  expect(asked).toHaveLength(1);
  asked[0]?.answer(named("old"));
  await first;
  await turn();
  expect(asked).toHaveLength(2);
  asked[1]?.answer(named("new"));
  await Promise.all([second, third]);
  expect(await name()).toBe("new");
});

test("a failed question is told to who asked, and the next one is asked all the same", async () => {
  const first = refresher.one(CHAT);
  const second = refresher.one(CHAT);
  asked[0]?.fail(ApiError.local("offline"));
  await expect(first).rejects.toMatchObject({ code: "offline" });
  await turn();
  asked[1]?.answer(named("here"));
  await second;
  expect(await name()).toBe("here");
  void refresher.one(CHAT);
  await turn();
  expect(asked).toHaveLength(3);
});

test("all chats come page by page, with what was said last", async () => {
  const other = `${CHAT}1`;
  const lastMessage = envelope(4);
  pages = {
    "": { chats: [chatView({ lastMessage, headSeq: 4 })], hasMore: true },
    [CHAT]: { chats: [chatView({ id: other })], hasMore: false },
  };
  await refresher.all();
  expect(await db.chats.toCollection().primaryKeys()).toEqual([CHAT, other]);
  expect((await chats()).find((chat) => chat.id === CHAT)?.preview).toMatchObject({ seq: 4, body: { t: "text", text: "message 4" } });
});

test("the preview of an encrypted chat is not taken out of its order", async () => {
  pages = { "": { chats: [chatView({ encryption: "mls", lastMessage: envelope(4), headSeq: 4 })], hasMore: false } };
  await refresher.all();
  expect((await db.chats.get(CHAT))?.preview).toBeNull();
});
