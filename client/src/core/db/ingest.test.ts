import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import * as fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";

import { plaintext } from "../crypto/plaintext.ts";
import type { Envelope } from "../contracts/index.ts";
import { EVERYONE } from "../limits.ts";
import { keyOf, openRows } from "../sync/rows.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { Database } from "./database.ts";
import { Deposed, moveRead, takeTerm } from "./ingest.ts";
import { appendPiece, prependPiece } from "./pieces.ts";
import { enqueue, withdraw } from "./queue.ts";
import { claim, settleFailed, settleLater, settleSent } from "./settling.ts";
import { putChat } from "./roster.ts";

let db: Database;
let term: number;
const NOTES = { id: CHAT, encryption: "none" as const };

const newDatabase = (): Database => new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });

beforeEach(async () => {
  db = newDatabase();
  term = await takeTerm(db);
  await putChat(db, ME, chatView(), null);
});

async function append(after: number, envelopes: Envelope[], at = term): Promise<number | null> {
  const { rows } = await openRows(plaintext, NOTES, envelopes);
  return appendPiece(db, ME, at, { chatId: CHAT, after, rows, writes: [] });
}

async function prepend(before: number, envelopes: Envelope[], complete: boolean): Promise<boolean> {
  const { rows } = await openRows(plaintext, NOTES, envelopes);
  return prependPiece(db, ME, { chatId: CHAT, before, rows, complete, writes: [] });
}

async function write(clientId: string, text = clientId): Promise<string> {
  const { sealed } = await plaintext.seal(NOTES, [{ clientId, body: { t: "text", text } }]);
  const key = keyOf(CHAT, ME, clientId);
  const [first] = sealed;
  if (!first) throw new Error("nothing was sealed");
  const written = { key, chatId: CHAT, senderId: ME, clientId, body: { t: "text" as const, text }, sealed: first, at: 1_000 };
  await enqueue(db, written, []);
  return key;
}

const seqs = async (): Promise<(number | null)[]> => (await db.messagesIn(CHAT).toArray()).map((row) => row.seq);
const chat = async () => (await db.chats.get(CHAT)) ?? expect.fail("the chat is not here");
const cursor = async () => (await db.cursors.get(CHAT)) ?? expect.fail("the cursor is not here");

describe("what follows the cursor", () => {
  test("rows and cursor move together", async () => {
    expect(await append(0, [envelope(1), envelope(2)])).toBe(2);
    expect(await seqs()).toEqual([1, 2]);
    expect(await chat()).toMatchObject({ unread: 2, preview: { seq: 2, senderId: THEM } });
  });

  test("what is here already changes nothing", async () => {
    await append(0, [envelope(1), envelope(2)]);
    expect(await append(0, [envelope(1), envelope(2), envelope(3)])).toBe(3);
    expect(await chat()).toMatchObject({ unread: 3 });
  });

  test("what does not touch the cursor is left out", async () => {
    expect(await append(4, [envelope(5)])).toBe(0);
    expect(await seqs()).toEqual([]);
  });

  test("remembers where somebody named the person last, as far as it is unread", async () => {
    const naming = (seq: number, id: string, change: Partial<Envelope> = {}): Envelope =>
      envelope(seq, { metadata: { mentions: [{ id, at: 0, length: 7 }] }, ...change });
    await append(0, [naming(1, ME), naming(2, THEM), naming(3, ME, { senderId: ME }), naming(4, ME, { notify: false })]);
    expect((await chat()).mentionedSeq).toBe(1);
    await append(4, [naming(5, ME), envelope(6)]);
    expect((await chat()).mentionedSeq).toBe(5);
    await moveRead(db, ME, CHAT, 6, false);
    await putChat(db, ME, chatView({ headSeq: 6 }), null);
    expect(await chat()).toMatchObject({ mentionedSeq: 5, readSeq: 6 });
  });

  test("whoever names everybody of a group names the person, and of two people nobody", async () => {
    const naming = (seq: number): Envelope => envelope(seq, { metadata: { mentions: [{ id: EVERYONE, at: 0, length: 7 }] } });
    await append(0, [naming(1)]);
    expect((await chat()).mentionedSeq).toBeUndefined();
    await db.chats.update(CHAT, { type: "group" });
    await append(1, [naming(2), envelope(3)]);
    expect((await chat()).mentionedSeq).toBe(2);
  });

  test("an engine whose term is over writes nothing", async () => {
    await takeTerm(db);
    await expect(append(0, [envelope(1)])).rejects.toThrow(Deposed);
    expect(await seqs()).toEqual([]);
  });

  test("system messages, silent ones and one's own are no news", async () => {
    const quiet = [
      envelope(1, { kind: "system", type: "renamed", metadata: { name: "x" }, notify: false }),
      envelope(2, { notify: false }),
      envelope(3, { senderId: ME }),
    ];
    await append(0, quiet);
    expect(await chat()).toMatchObject({ unread: 0, preview: { seq: 3 } });
  });

  test("one's own message that comes before its acknowledgement leaves the outbox and is there once", async () => {
    const key = await write("mine");
    await claim(db, "mine", 0);
    await append(0, [envelope(1, { senderId: ME, clientId: "mine", content: "mine" })]);
    expect(await db.outbox.count()).toBe(0);
    await settleSent(db, "mine", { id: "late", seq: 1, timestamp: 5 });
    await settleFailed(db, "mine", { code: "x", message: "No." });
    expect(await db.messages.toArray()).toMatchObject([{ key, seq: 1, failure: null, timestamp: Date.UTC(2026, 0, 1) + 1_000 }]);
  });

  test("a message that was thought to have failed is stored after all", async () => {
    await write("mine");
    await settleFailed(db, "mine", { code: "x", message: "No." });
    await append(0, [envelope(1, { senderId: ME, clientId: "mine", content: "mine" })]);
    expect(await db.messages.toArray()).toMatchObject([{ order: 1, failure: null }]);
    expect(await db.outbox.count()).toBe(0);
  });

  test("the vault's rows are part of the same transaction", async () => {
    const { rows } = await openRows(plaintext, NOTES, [envelope(1)]);
    const piece = { chatId: CHAT, rows, writes: [{ key: "ratchet", value: 7 }] };
    await appendPiece(db, ME, term, { ...piece, after: 3 });
    expect(await db.vault.get("ratchet")).toBeUndefined();
    await appendPiece(db, ME, term, { ...piece, after: 0 });
    expect(await db.vault.get("ratchet")).toEqual({ key: "ratchet", value: 7 });
  });
});

describe("older pages", () => {
  beforeEach(async () => {
    db = newDatabase();
    term = await takeTerm(db);
    await putChat(db, ME, chatView({ headSeq: 10, unread: 8 }), null);
  });

  test("a chat that is new here begins at the server's head, with the server's count", async () => {
    expect(await cursor()).toMatchObject({ from: 11, to: 10, complete: false });
    expect(await chat()).toMatchObject({ unread: 8 });
  });

  test("the count becomes exact when what is unread is here", async () => {
    await prepend(11, [7, 8, 9, 10].map((seq) => envelope(seq, seq === 9 ? { senderId: ME } : {})), false);
    expect(await chat()).toMatchObject({ unread: 8 });
    await append(10, [envelope(11)]);
    expect(await chat()).toMatchObject({ unread: 9 });
    expect((await chat()).mentionedSeq).toBeUndefined();
    const mentions = [{ id: ME, at: 0, length: 7 }];
    await prepend(7, [1, 2, 3, 4, 5, 6].map((seq) => envelope(seq, { metadata: { mentions } })), true);
    expect((await chat()).mentionedSeq).toBe(6);
    expect(await chat()).toMatchObject({ unread: 10 });
    expect(await cursor()).toMatchObject({ from: 1, to: 11, complete: true });
  });

  test("two tabs that fetch the same page add it once", async () => {
    expect(await prepend(11, [envelope(9), envelope(10)], false)).toBe(true);
    expect(await prepend(11, [envelope(9), envelope(10)], false)).toBe(false);
    expect(await chat()).toMatchObject({ unread: 8 });
  });

  test("reading to the end leaves nothing unread, also of what is not here", async () => {
    await prepend(11, [envelope(9), envelope(10)], false);
    await moveRead(db, ME, CHAT, 10, false);
    expect(await chat()).toMatchObject({ unread: 0, readSeq: 10 });
    expect(await db.receipts.get(CHAT)).toMatchObject({ read: 10 });
  });
});

describe("reading", () => {
  test("goes forward only, and no further than what is here", async () => {
    await append(0, [envelope(1), envelope(2), envelope(3)]);
    await moveRead(db, ME, CHAT, 2, false);
    await moveRead(db, ME, CHAT, 1, false);
    expect(await chat()).toMatchObject({ unread: 1, readSeq: 2 });
    await moveRead(db, ME, CHAT, 99, false);
    expect(await chat()).toMatchObject({ unread: 0, readSeq: 3 });
  });

  test("on another device is not told to the server again", async () => {
    await append(0, [envelope(1)]);
    await moveRead(db, ME, CHAT, 1, true);
    expect(await chat()).toMatchObject({ unread: 0 });
    expect(await db.receipts.get(CHAT)).toBeUndefined();
  });
});

test("acks, live envelopes, refusals and reloads in any order leave what a fresh fetch shows", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("write" as const) }),
    fc.record({ do: fc.constant("post" as const), which: fc.nat(5), answered: fc.boolean() }),
    fc.record({ do: fc.constant("others" as const) }),
    fc.record({ do: fc.constant("catchUp" as const), from: fc.nat(3), size: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant("cancel" as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant("refuse" as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant("lead" as const) }),
    fc.record({ do: fc.constant("read" as const), seq: fc.nat(12) }),
  );

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      db = newDatabase();
      term = await takeTerm(db);
      await putChat(db, ME, chatView(), null);
      const log: Envelope[] = [];
      const cancelled = new Set<string>();
      let written = 0;

      /** The server's side of a PUT: idempotent by clientId. */
      const store = (clientId: string): Envelope => {
        const known = log.find((each) => each.clientId === clientId && each.senderId === ME);
        if (known) return known;
        const made = envelope(log.length + 1, { senderId: ME, clientId, content: clientId });
        log.push(made);
        return made;
      };
      const post = async (clientId: string, answered: boolean): Promise<void> => {
        if (!(await claim(db, clientId, 0))) return;
        const { id, seq } = store(clientId);
        if (answered) await settleSent(db, clientId, { id, seq, timestamp: 5 });
        else await settleLater(db, clientId, 0, true);
      };
      const pick = async (which: number): Promise<string | undefined> => {
        const rows = await db.outbox.toArray();
        return rows[which % (rows.length || 1)]?.clientId;
      };

      for (const each of steps) {
        const clientId = "which" in each ? await pick(each.which) : undefined;
        if (each.do === "write") await write(`m${(written += 1)}`);
        else if (each.do === "post" && clientId) await post(clientId, each.answered);
        else if (each.do === "others") log.push(envelope(log.length + 1));
        else if (each.do === "lead") term = await takeTerm(db);
        else if (each.do === "read") await moveRead(db, ME, CHAT, each.seq, false);
        else if (each.do === "cancel" && clientId && (await withdraw(db, keyOf(CHAT, ME, clientId)))) cancelled.add(clientId);
        else if (each.do === "catchUp") {
          const after = Math.max(0, (await cursor()).to - each.from);
          await append(after, log.slice(after, after + each.size));
        } else if (each.do === "refuse" && clientId && !log.some((it) => it.clientId === clientId)) {
          await settleFailed(db, clientId, { code: "invalid_input", message: "No." });
          await withdraw(db, keyOf(CHAT, ME, clientId));
          cancelled.add(clientId);
        }
      }
      for (const row of await db.outbox.toArray()) await post(row.clientId, true);
      await append((await cursor()).to, log.slice((await cursor()).to));

      expect(await db.outbox.count()).toBe(0);
      const rows = await db.words.openMessages(await db.messagesIn(CHAT).toArray());
      const { rows: fresh } = await openRows(plaintext, NOTES, log);
      expect(rows).toEqual(fresh);
      expect(log.filter((it) => it.senderId === ME).length).toBe(written - cancelled.size);
      const { readSeq, unread, preview } = await chat();
      expect(unread).toBe(log.filter((it) => it.senderId !== ME && it.seq > readSeq).length);
      expect(preview?.seq ?? 0).toBe(log.length);
      db.close();
    }),
    { numRuns: 120 },
  );
});
