import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Envelope } from "../contracts/index.ts";
import { plaintext } from "../crypto/plaintext.ts";
import { clearKept, Database } from "../db/database.ts";
import { takeTerm } from "../db/ingest.ts";
import { appendPiece, prependPiece } from "../db/pieces.ts";
import { enqueue, withdraw } from "../db/queue.ts";
import { settleFailed, settleSent } from "../db/settling.ts";
import { reopenPiece } from "../db/reopen.ts";
import { forgetChat, putChat } from "../db/roster.ts";
import type { Body, MessageRow } from "../db/schema.ts";
import { showRows } from "../queries/shown.ts";
import { keyOf, rowOf } from "../sync/rows.ts";
import type { Said } from "../talk/bodies.ts";
import { dump, found as foundIn } from "../testing/dump.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { fold } from "./fold.ts";
import { Librarian } from "./librarian.ts";
import { hasLink, termsOf } from "./match.ts";
import type { SearchQuery, SearchState } from "./model.ts";
import { byNewest } from "./shelf.ts";

const OTHER = CHAT.replace(/a7$/, "a8");
const SIZE = 4;

let indexedDB: IDBFactory;
let db: Database;
const open: { librarian: Librarian; db: Database }[] = [];

beforeEach(() => {
  indexedDB = new IDBFactory();
  db = new Database(ME, { indexedDB, IDBKeyRange });
});

afterEach(() => {
  for (const each of open.splice(0)) {
    each.librarian.stop();
    each.db.close();
  }
  db.close();
});

function librarian(): { librarian: Librarian; states: SearchState[] } {
  const mine = new Database(ME, { indexedDB, IDBKeyRange });
  const states: SearchState[] = [];
  const made = new Librarian({ db: mine, tell: (state) => states.push(state), changed: () => {}, size: SIZE });
  open.push({ librarian: made, db: mine });
  return { librarian: made, states };
}

/** What a look at every message as it is shown would find. */
async function naive({ text, chatId, senderId, from = -Infinity, to = Infinity, link }: SearchQuery): Promise<string[]> {
  const terms = termsOf(text);
  const rows = (await db.words.openMessages(await db.messages.toArray())).filter((row) => row.kind === "message" && row.about === undefined);
  const shown = await showRows(db, rows);
  const found = rows.filter((row, index) => {
    const body = shown[index]?.body;
    if (body?.t !== "text" || !terms.every((term) => fold(body.text).includes(term))) return false;
    if ((chatId ?? row.chatId) !== row.chatId || (senderId ?? row.senderId) !== row.senderId) return false;
    return row.timestamp >= from && row.timestamp < to && (!link || hasLink(body.text));
  });
  return found.toSorted((one, other) => byNewest(one, other) || (one.key < other.key ? -1 : 1)).map((row) => row.key);
}

const QUERIES: SearchQuery[] = [
  { text: "a" },
  { text: "नम" },
  { text: "हां chai" },
  { text: "ZURUECK" },
  { text: "zu", senderId: ME },
  { text: "", chatId: OTHER },
  { text: "", link: true },
  { text: "c", from: Date.UTC(2026, 0, 1) + 5_000, to: Date.UTC(2026, 0, 1) + 20_000 },
];
const TEXTS = ["Chai?", "हाँ, chai!", "नमस्ते\na", "zurück", "look: https://chai.example/a", "क़िताब a", "ZURÜCK zu", "…"];

const key = (row: { key: string }): string => row.key;

/** What it answers is what a look at every message would find. */
async function expectExact(one: Librarian): Promise<void> {
  await one.settled();
  for (const query of QUERIES) {
    const expected = await naive(query);
    expect([query, (await one.find(query, 500)).hits.map(key)]).toEqual([query, expected]);
    const few = await one.find(query, 3);
    expect([query, few.more, few.hits.map(key)]).toEqual([query, expected.length > 3, expected.slice(0, 3)]);
  }
}

// ── a server, two chats, and everything that happens to them ─────────────────────────────────────────────────────────

type Logged = { envelope: Envelope; body: Body };

class World {
  readonly logs = new Map<string, Logged[]>([[CHAT, []], [OTHER, []]]);
  /** What is closed here, and what it says. */
  readonly closed = new Map<string, Body>();
  #term = 0;
  #count = 0;

  async begin(): Promise<void> {
    this.#term = await takeTerm(db);
    for (const chatId of this.logs.keys()) {
      for (let index = 0; index < 12; index += 1) this.say(chatId, { t: "text", text: TEXTS[index % TEXTS.length] ?? "" });
      await this.join(chatId);
    }
  }

  async join(chatId: string): Promise<void> {
    await putChat(db, ME, chatView({ id: chatId, headSeq: 7 }), null);
  }

  say(chatId: string, body: Body, senderId = THEM, clientId = `c${(this.#count += 1)}`): Logged {
    const log = this.logs.get(chatId) ?? [];
    const seq = log.length + 1;
    const kind = body.t === "system" ? "system" : "message";
    // Two chats say things at the same moments.
    const logged = { envelope: envelope(seq, { chatId, senderId, clientId, kind, id: `${chatId}-${seq}` }), body };
    log.push(logged);
    return logged;
  }

  row({ envelope: each, body }: Logged): MessageRow {
    const name = keyOf(each.chatId, each.senderId, each.clientId);
    return rowOf(each, this.closed.has(name) ? { t: "sealed", cause: "not_joined" } : body);
  }

  async catchUp(chatId: string, size: number): Promise<void> {
    const after = (await db.cursors.get(chatId))?.to ?? 0;
    const rows = (this.logs.get(chatId) ?? []).slice(after, after + size).map((each) => this.row(each));
    await appendPiece(db, ME, this.#term, { chatId, after, rows, writes: [] });
  }

  async older(chatId: string, size: number): Promise<void> {
    const before = (await db.cursors.get(chatId))?.from ?? 1;
    const first = Math.max(1, before - size);
    const rows = (this.logs.get(chatId) ?? []).slice(first - 1, before - 1).map((each) => this.row(each));
    await prependPiece(db, ME, { chatId, before, rows, complete: first === 1, writes: [] });
  }

  async write(chatId: string, body: Said): Promise<void> {
    const clientId = `mine${(this.#count += 1)}`;
    const { sealed } = await plaintext.seal({ id: chatId, encryption: "none" }, [{ clientId, body }]);
    const [first] = sealed;
    if (!first) throw new Error("nothing was sealed");
    await enqueue(db, { key: keyOf(chatId, ME, clientId), chatId, senderId: ME, clientId, body, sealed: first, at: 1_000 }, []);
  }

  async post(which: number): Promise<void> {
    const row = (await db.outbox.toArray()).filter(({ state }) => state === "waiting").at(which);
    const stored = row && (await db.words.message(row.key));
    if (!row || !stored) return;
    const { envelope: sent } = this.say(row.chatId, stored.body, ME, row.clientId);
    await settleSent(db, row.clientId, { id: sent.id, seq: sent.seq, timestamp: Date.parse(sent.timestamp) });
  }

  async reopen(chatId: string): Promise<void> {
    const here = (this.logs.get(chatId) ?? []).filter(({ envelope: { senderId, clientId } }) => this.closed.has(keyOf(chatId, senderId, clientId)));
    this.closed.clear();
    await reopenPiece(db, ME, this.#term, { chatId, rows: here.map((each) => this.row(each)), writes: [] });
  }
}

const chatId = fc.constantFrom(CHAT, OTHER);
const text = fc.constantFrom(...TEXTS);
const seq = fc.integer({ min: 1, max: 25 });
const size = fc.integer({ min: 1, max: 9 });
const note = fc.oneof(
  fc.record({ t: fc.constant("edit" as const), text }),
  fc.constant({ t: "delete" as const }),
  fc.constant({ t: "reaction" as const, emoji: "👍", on: true }),
);
const step = fc.oneof(
  fc.record({ do: fc.constant("say" as const), chatId, text, closed: fc.boolean() }),
  fc.record({ do: fc.constant("note" as const), chatId, seq, note, closed: fc.boolean() }),
  fc.record({ do: fc.constant("redact" as const), chatId, seq }),
  fc.record({ do: fc.constant("catchUp" as const), chatId, size }),
  fc.record({ do: fc.constant("older" as const), chatId, size }),
  fc.record({ do: fc.constant("write" as const), chatId, text }),
  fc.record({ do: fc.constant("change" as const), which: fc.nat(30), note }),
  fc.record({ do: fc.constantFrom("post" as const, "refuse" as const, "cancel" as const), which: fc.nat(2) }),
  fc.record({ do: fc.constant("reopen" as const), chatId }),
  fc.record({ do: fc.constant("look" as const) }),
);
const rarely = fc.oneof({ weight: 30, arbitrary: step }, { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const), chatId }) });
type Step = typeof rarely extends fc.Arbitrary<infer T> ? T : never;

async function act(world: World, each: Step): Promise<void> {
  switch (each.do) {
    case "say":
    case "note": {
      const target = each.do === "note" ? world.logs.get(each.chatId)?.[each.seq - 1]?.envelope : undefined;
      if (each.do === "note" && !target) return;
      const { senderId = THEM, clientId = "" } = target ?? {};
      const body: Body = each.do === "say" ? { t: "text", text: each.text } : ({ ...each.note, of: { senderId, clientId } } as Body);
      const { envelope: said } = world.say(each.chatId, body);
      if (each.closed) world.closed.set(keyOf(said.chatId, said.senderId, said.clientId), body);
      return;
    }
    case "redact":
      world.say(each.chatId, { t: "system", event: { what: "redacted", seq: each.seq } });
      return;
    case "catchUp":
      return world.catchUp(each.chatId, each.size);
    case "older":
      return world.older(each.chatId, each.size);
    case "write":
      return world.write(each.chatId, { t: "text", text: each.text });
    case "change": {
      const rows = await db.messages.filter((row) => row.senderId === ME && row.kind === "message" && row.seq !== null).toArray();
      const row = rows[each.which % (rows.length || 1)];
      if (row) await world.write(row.chatId, { ...each.note, of: { senderId: ME, clientId: row.clientId } } as Said);
      return;
    }
    case "post":
      return world.post(each.which);
    case "refuse":
    case "cancel": {
      const row = (await db.outbox.toArray()).at(each.which);
      if (!row) return;
      if (each.do === "cancel") await withdraw(db, row.key);
      else await settleFailed(db, row.clientId, { code: "invalid_input", message: "No." });
      return;
    }
    case "reopen":
      return world.reopen(each.chatId);
    case "forget":
      await forgetChat(db, each.chatId);
      return world.join(each.chatId);
    case "look":
  }
}

describe("search", () => {
  test("finds what a look at every message would find, whatever happens and in whichever tab it is made", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rarely, { minLength: 5, maxLength: 40 }), async (steps) => {
        indexedDB = new IDBFactory();
        db = new Database(ME, { indexedDB, IDBKeyRange });
        const world = new World();
        await world.begin();
        const [one, two] = [librarian().librarian, librarian().librarian];
        for (const each of steps) {
          await act(world, each);
          if (each.do === "look") await expectExact(one);
        }
        const all = [one, two, librarian().librarian];
        for (const each of all) await expectExact(each);
        expect((await db.segments.toArray()).every((row) => row.from <= row.to && row.rows <= SIZE)).toBe(true);
        for (const each of open.splice(0)) {
          each.librarian.stop();
          each.db.close();
        }
        db.close();
      }),
      { numRuns: 25 },
    );
  });

  test("tells how far it is, stops when it is told to, and goes on where it was left", async () => {
    const world = new World();
    await world.begin();
    for (const each of [CHAT, OTHER]) for (let index = 0; index < 30; index += 1) world.say(each, { t: "text", text: `chai ${index}` });
    for (const each of [CHAT, OTHER]) await world.catchUp(each, 500);
    const first = librarian();
    first.librarian.pause();
    await first.librarian.settled();
    const stopped = first.states.at(-1);
    expect(stopped).toMatchObject({ phase: "stopped", total: 70 });
    expect(stopped?.done).toBeLessThan(70);
    // What is there is found: the newest first.
    first.librarian.resume();
    await first.librarian.settled();
    expect(first.states.at(-1)).toEqual({ phase: "ready", done: 70, total: 70 });
    expect(first.states.map(({ done }) => done)).toEqual(first.states.map(({ done }) => done).toSorted((a, b) => a - b));
    const made = await db.segments.toArray();
    const second = librarian();
    await expectExact(second.librarian);
    expect(await db.segments.toArray()).toEqual(made);
  });

  test("leaves no words in clear, nothing of a chat that is forgotten, and nothing at all when the device is cleared", async () => {
    const world = new World();
    await world.begin();
    for (const each of [CHAT, OTHER]) {
      world.say(each, { t: "text", text: "Geheimnis zuckerbrot" });
      await world.catchUp(each, 500);
    }
    const { librarian: one } = librarian();
    await one.settled();
    expect((await one.find({ text: "zuckerbrot" }, 9)).hits).toHaveLength(2);
    expect(foundIn(await dump(db), ["zuckerbrot", "Zuckerbrot"])).toEqual([]);
    await forgetChat(db, OTHER);
    expect((await db.segments.toArray()).every((row) => row.chatId === CHAT)).toBe(true);
    await one.settled();
    expect((await one.find({ text: "zuckerbrot" }, 9)).hits.map((hit) => hit.chatId)).toEqual([CHAT]);
    await clearKept(ME, { indexedDB, IDBKeyRange });
    expect(await db.segments.count()).toBe(0);
    await one.settled();
    expect((await one.find({ text: "zuckerbrot" }, 9)).hits).toEqual([]);
    expect(await db.segments.count()).toBe(0);
  });

  test("shows words without the marks around them", async () => {
    const world = new World();
    await world.begin();
    world.say(CHAT, { t: "text", text: "*bring* the _mangoes_" });
    await world.catchUp(CHAT, 500);
    const { librarian: one } = librarian();
    await one.settled();
    const [hit] = (await one.find({ text: "mangoes" }, 9)).hits;
    expect(hit?.excerpt).toEqual({ text: "bring the mangoes", marks: [[10, 17]] });
  });

  test("makes a segment anew that was changed behind its back", async () => {
    const world = new World();
    await world.begin();
    await world.catchUp(CHAT, 500);
    await expectExact(librarian().librarian);
    const [row, another] = await db.segments.toArray();
    if (!row || !another) throw new Error("there are no segments");
    await db.segments.put({ ...row, words: another.words });
    await expectExact(librarian().librarian);
    expect((await db.segments.get([row.chatId, row.from]))?.words).not.toEqual(another.words);
  });
});
