import { array, assert, asyncProperty, boolean, constant, constantFrom, nat, oneof, record, tuple, type Arbitrary } from "fast-check";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { describe, expect, test } from "vitest";

import { Database } from "../db/database.ts";
import { takeTerm } from "../db/ingest.ts";
import { appendPiece, prependPiece } from "../db/pieces.ts";
import { putChat } from "../db/roster.ts";
import type { Body, MessageRow } from "../db/schema.ts";
import { readChatList } from "../queries/chats.ts";
import { readPinned, readWindow } from "../queries/window.ts";
import { rowOf } from "../sync/rows.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { bodyOf, bodyOfPlain, checkBody, isNote, plainOf, type Note, type Said } from "./bodies.ts";
import { aboutOf, project } from "./project.ts";

const target = { senderId: THEM, clientId: "c1" };
const said = (seq: number, body: Body, senderId = THEM): MessageRow => rowOf(envelope(seq, { senderId }), body);
const first = said(1, { t: "text", text: "helo" });

const emoji = constantFrom("👍", "❤️", "🙏🏽");
const person = constantFrom(ME, THEM);
const note: Arbitrary<Note> = oneof(
  record({ t: constant("edit" as const), of: constant(target), text: constantFrom("hello", "hello!") }),
  record({ t: constant("reaction" as const), of: constant(target), emoji, on: boolean() }),
  record({ t: constant("pin" as const), of: constant(target), on: boolean() }),
);
const rarely = oneof({ weight: 9, arbitrary: note }, { weight: 1, arbitrary: constant<Note>({ t: "delete", of: target }) });

describe("a message after what was said about it", () => {
  test("an edit or delete counts from the one who wrote it", () => {
    const edit = (senderId: string) => said(2, { t: "edit", of: target, text: "hello" }, senderId);
    expect(project(first, [edit(THEM)])).toMatchObject({ body: { text: "hello" }, edited: true });
    expect(project(first, [edit(ME)])).toMatchObject({ body: { text: "helo" }, edited: false });
    expect(project(first, [said(2, { t: "delete", of: target }, ME)]).body.t).toBe("text");
    expect(project(first, [said(2, { t: "delete", of: target }, THEM)]).body).toEqual({ t: "deleted" });
  });

  test("an edit names whom it names, and nobody whom the words before named", () => {
    const mentions = [{ id: ME, at: 0, length: 5 }];
    const named = said(1, { t: "text", text: "@Ravi", mentions, forwarded: true });
    const edit = (seq: number, over: object) => said(seq, { t: "edit", of: target, text: "oh @Ravi", ...over });
    expect(project(named, [edit(2, {})]).body).toEqual({ t: "text", text: "oh @Ravi", forwarded: true });
    const moved = [{ id: ME, at: 3, length: 5 }];
    expect(project(named, [edit(2, {}), edit(3, { mentions: moved })]).body).toMatchObject({ mentions: moved });
  });

  test("what the server took away is gone, whoever asked for it, and so is its memory in edits", () => {
    const wiped = rowOf(envelope(1, { type: "redacted", content: "" }), { t: "sealed", cause: "unreadable" });
    expect(project(wiped, [said(2, { t: "edit", of: target, text: "again" })]).body).toEqual({ t: "deleted" });
    const told = rowOf(envelope(3, { kind: "system", type: "redacted", senderId: ME }), { t: "system", event: { what: "redacted", seq: 1 } });
    expect(told.about).toBe(`${CHAT}@1`);
    expect(project(first, [told]).body).toEqual({ t: "deleted" });
  });

  test("one person gives each emoji once, and what failed to be sent is not shown", () => {
    const react = (seq: number, senderId: string, on: boolean, text = "👍") => said(seq, { t: "reaction", of: target, emoji: text, on }, senderId);
    const failed = { ...react(9, ME, true, "🎉"), failure: { code: "forbidden", message: "" } };
    expect(project(first, [react(2, ME, true), react(3, THEM, true), react(4, ME, true), failed]).reactions).toEqual([
      { emoji: "👍", userIds: [THEM, ME] },
    ]);
    expect(project(first, [react(2, ME, true), react(4, ME, false)]).reactions).toEqual([]);
  });

  test("is the same in whatever order, and however often, it became known", async () => {
    const all = array(tuple(rarely, person), { maxLength: 12 });
    await assert(
      asyncProperty(all, nat(), nat(12), async (notes, seed, cut) => {
        const rows = [first, ...notes.map(([body, senderId], index) => said(index + 2, body, senderId))];
        const expected = project(first, rows.slice(1));
        const shuffled = rows.slice(1).toSorted((one, other) => ((one.order * (seed + 7)) % 13) - ((other.order * (seed + 7)) % 13));
        expect(project(first, shuffled)).toEqual(expected);
        // The newest page first, then the older one: the notes are here before what they are about.
        const db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
        await putChat(db, ME, chatView({ headSeq: 0 }), null);
        const split = Math.min(cut + 1, rows.length);
        await db.cursors.put({ chatId: CHAT, from: split + 1, to: split, complete: false, unreadBelow: 0 });
        const term = await takeTerm(db);
        await appendPiece(db, ME, term, { chatId: CHAT, after: split, rows: rows.slice(split), writes: [] });
        await prependPiece(db, ME, { chatId: CHAT, before: split + 1, rows: rows.slice(0, split), complete: true, writes: [] });
        const { items } = await readWindow(db, ME, CHAT, { at: "end", limit: 50 });
        expect(items.map(({ body, edited, pinned, reactions, tally }) => ({ body, edited, pinned, reactions, tally }))).toEqual([expected]);
        expect((await readPinned(db, ME, CHAT)).length).toBe(expected.pinned ? 1 : 0);
        expect((await readChatList(db, ME, 0))[0]?.preview?.body).toEqual(expected.body);
        db.close();
      }),
      { numRuns: 60 },
    );
  });

  test("an answer quotes what it answers as that is now", async () => {
    const db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
    await putChat(db, ME, chatView({ headSeq: 0 }), null);
    const answer = said(2, { t: "text", text: "yes", re: target }, ME);
    const elsewhere = said(3, { t: "text", text: "and?", re: { senderId: ME, clientId: "never" } });
    const put = async (...rows: MessageRow[]) => db.messages.bulkPut(await db.words.sealMessages(rows));
    await put(first, answer, elsewhere, said(4, { t: "edit", of: target, text: "hello" }));
    const quotes = async () => (await readWindow(db, ME, CHAT, { at: "end", limit: 9 })).items.map((item) => item.replyTo);
    expect(await quotes()).toMatchObject([null, { key: first.key, excerpt: "hello", gone: false }, { excerpt: null, gone: false }]);
    // Cut only after the marks are gone: one of this pair is beyond the end.
    await put(said(5, { t: "edit", of: target, text: `*${"a".repeat(250)}* b` }));
    expect((await quotes())[1]).toMatchObject({ excerpt: "a".repeat(200) });
    await put(said(6, { t: "delete", of: target }));
    expect((await quotes())[1]).toMatchObject({ excerpt: null, gone: true });
  });
});

describe("on the wire", () => {
  const bodies: Said[] = [
    { t: "text", text: "a", re: { senderId: ME, clientId: "c-1" } },
    { t: "text", text: "a", forwarded: true },
    { t: "edit", of: { senderId: ME, clientId: "c-1" }, text: "b" },
    { t: "delete", of: { senderId: ME, clientId: "c-1" } },
    { t: "reaction", of: { senderId: ME, clientId: "c-1" }, emoji: "👩‍👩‍👧", on: true },
    { t: "pin", of: { senderId: ME, clientId: "c-1" }, on: false },
  ];

  test.each(bodies)("$t is the same after the way through clear and sealed envelopes", (body) => {
    checkBody(body);
    expect(bodyOf(JSON.parse(JSON.stringify(body)), "text")).toEqual(body);
    const { content, type, metadata, notify } = plainOf(body);
    expect(bodyOfPlain(envelope(1, { content, type, metadata }))).toEqual(body);
    expect(notify).toBe(body.t === "text");
    expect(content.trim()).not.toBe("");
    expect(aboutOf({ chatId: CHAT, body }).about === undefined).toBe(!isNote(body));
  });

  test("what is no such body is from a newer version, and a text with strange company is a text", () => {
    for (const wrong of [null, 1, {}, { t: "poll" }, { t: "edit", text: "x" }, { t: "reaction", of: target, emoji: "<b>", on: true }])
      expect(bodyOf(wrong, "text")).toEqual({ t: "unknown", type: "text" });
    expect(bodyOfPlain(envelope(1, { metadata: { re: "nonsense" } }))).toEqual({ t: "text", text: "message 1" });
    expect(() => checkBody({ t: "reaction", of: target, emoji: "abc", on: true })).toThrow("empty");
  });
});
