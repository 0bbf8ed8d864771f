import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test } from "vitest";

import { rowOf } from "../sync/rows.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { Database } from "./database.ts";
import { onWrite } from "./live-query.ts";
import { putChat } from "./roster.ts";

let db: Database;
let writes: string[];
let stops: (() => void)[];

beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  await db.open();
  writes = [];
  stops = [db.chats, db.members, db.cursors].map((table) => onWrite(db, table, () => void writes.push(table.name)));
});
afterEach(() => {
  for (const stop of stops) stop();
  db.close();
});

const group = (more: Parameters<typeof chatView>[0] = {}) => chatView({ type: "group", name: "Roof", headSeq: 1, ...more });
const said = (text: string) => rowOf(envelope(1, { senderId: THEM }), { t: "text", text });

test("what the server says again is not written again", async () => {
  await putChat(db, ME, group(), said("walnut"));
  expect(new Set(writes)).toEqual(new Set(["chats", "members", "cursors"]));
  const before = await db.chats.get(CHAT);
  writes = [];
  await putChat(db, ME, group(), said("walnut"));
  expect(writes).toEqual([]);
  expect(await db.chats.get(CHAT)).toEqual(before);
});

test("what is another is: the name, the newest words, who is in it, how far they have read", async () => {
  await putChat(db, ME, group(), said("walnut"));
  writes = [];
  await putChat(db, ME, group({ name: "Terrace" }), said("almond"));
  expect(writes).toEqual(["chats"]);
  const [chat] = await db.words.openChats([await db.chats.get(CHAT)].flatMap((row) => row ?? []));
  expect(chat).toMatchObject({ name: "Terrace", preview: { body: { text: "almond" } } });

  const view = group({ name: "Terrace" });
  const [first, ...others] = view.participants;
  if (!first) throw new Error("nobody is in the chat");
  writes = [];
  await putChat(db, ME, { ...view, participants: [{ ...first, deliveredSeq: 1 }, ...others] }, said("almond"));
  expect(writes).toContain("members");
  await putChat(db, ME, { ...view, participants: [first] }, said("almond"));
  expect((await db.membersOf(CHAT)).map((each) => each.userId)).toEqual([first.userId]);
});
