import { Dexie } from "dexie";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { KeyLost } from "../crypto/vault/local-key.ts";
import { plaintext } from "../crypto/plaintext.ts";
import { readChatList } from "../queries/chats.ts";
import { readWindow } from "../queries/window.ts";
import { keyOf, openRows } from "../sync/rows.ts";
import { dump, found } from "../testing/dump.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { databaseName, Database, isLost } from "./database.ts";
import { prepareDraft, readDraft, writeDraft } from "./drafts.ts";
import { takeTerm } from "./ingest.ts";
import { appendPiece } from "./pieces.ts";
import { query } from "./live-query.ts";
import { enqueue } from "./queue.ts";
import { claim, settleFailed } from "./settling.ts";
import { putChat } from "./roster.ts";
import type { Body } from "./schema.ts";
import { sealOld } from "./seal-old.ts";

let options: { indexedDB: IDBFactory; IDBKeyRange: typeof IDBKeyRange };
let db: Database;
const NOTES = { id: CHAT, encryption: "none" as const };
const GROUP = chatView({ type: "group", name: "walnut plan" });
const WORDS = ["walnut", "pistachio", "cashew", "almond", "hazelnut"];

beforeEach(() => {
  options = { indexedDB: new IDBFactory(), IDBKeyRange };
  db = new Database(ME, options);
});

function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("it is not here");
  return value;
}

async function write(clientId: string, text: string): Promise<string> {
  const body: Body = { t: "text", text };
  const sealed = there((await plaintext.seal(NOTES, [{ clientId, body }])).sealed[0]);
  const key = keyOf(CHAT, ME, clientId);
  await enqueue(db, { key, chatId: CHAT, senderId: ME, clientId, body, sealed, at: 1_000 }, []);
  return key;
}

/** A name, messages of others, a failed one, a waiting one (which is the preview), and a draft. */
async function talk(): Promise<void> {
  await putChat(db, ME, GROUP, null);
  const { rows } = await openRows(plaintext, NOTES, [envelope(1, { content: "pistachio" }), envelope(2, { kind: "system", type: "renamed", metadata: { name: "walnut plan" } })]);
  await appendPiece(db, ME, await takeTerm(db), { chatId: CHAT, after: 0, rows, writes: [] });
  await write("failed", "cashew");
  await settleFailed(db, "failed", { code: "x", message: "No." });
  await write("waiting", "almond");
  await writeDraft(db, CHAT, "hazelnut", 1);
}

const shown = async (of = db): Promise<Body[]> => (await readWindow(of, ME, CHAT, { at: "end", limit: 20 })).items.map((item) => item.body);
const BODIES = [
  { t: "text", text: "pistachio" },
  { t: "system", event: { what: "renamed", name: "walnut plan" } },
  { t: "text", text: "cashew" },
  { t: "text", text: "almond" },
];

test("test_22_no_word_of_a_talk_is_in_any_table_and_all_of_it_is_shown", async () => {
  await talk();
  expect(found(await dump(db), WORDS)).toEqual([]);
  const other = new Database(ME, options); // another tab, which has sealed nothing itself
  expect(await shown(other)).toEqual(BODIES);
  expect(await readChatList(other, ME, 0)).toMatchObject([{ name: "walnut plan", draft: "hazelnut", preview: { body: { text: "almond" } } }]);
  expect(await readDraft(other, CHAT)).toBe("hazelnut");
  other.close();
});

test("the search finds words in rows, in buffers and in base64", async () => {
  await db.meta.bulkPut([
    { key: "a", value: { inside: ["walnut"] } },
    { key: "b", value: new TextEncoder().encode("…pistachio…") },
    { key: "c", value: Buffer.from("cashew nuts").toString("base64") },
    { key: "d", value: new Uint8Array(Buffer.from("almond", "utf16le")).buffer },
  ]);
  expect(found(await dump(db), WORDS)).toEqual(["walnut", "pistachio", "cashew", "almond"]);
});

test("what waits is posted as it was written", async () => {
  await talk();
  const row = there(await claim(db, "waiting", 0));
  expect(row.sealed.content).toBe("");
  expect((await db.words.openOutbox(row))?.sealed).toMatchObject({ content: "almond", encrypted: false });
  expect(await db.words.openOutbox({ ...row, clientId: "another" })).toBeNull();
});

describe("test_22_what_was_changed_on_the_device", () => {
  beforeEach(talk);
  /** As a tab that has opened nothing yet sees it. */
  const fresh = async (): Promise<Body[]> => {
    db.close();
    db = new Database(ME, options);
    return shown();
  };

  test("says so", async () => {
    const key = keyOf(CHAT, THEM, "c1");
    const row = there(await db.messages.get(key));
    const words = row.words.map((byte, index) => (index === row.words.length - 1 ? byte ^ 1 : byte));
    await db.messages.put({ ...row, words });
    expect((await fresh())[0]).toEqual({ t: "sealed", cause: "changed" });
    await db.messages.put({ ...row, words: new Uint8Array(3) });
    expect((await fresh())[0]).toEqual({ t: "sealed", cause: "changed" });
  });

  test("does not stand in for another row, or in another table", async () => {
    const [one, other] = await db.messages.bulkGet([keyOf(CHAT, ME, "failed"), keyOf(CHAT, ME, "waiting")]);
    await db.messages.bulkPut([{ ...there(one), words: there(other).words }, { ...there(other), words: there(one).words }]);
    const draft = there(await db.drafts.get(CHAT));
    await db.chats.update(CHAT, { title: draft.words });
    expect((await fresh()).slice(2)).toEqual([{ t: "sealed", cause: "changed" }, { t: "sealed", cause: "changed" }]);
    expect((await readChatList(db, ME, 0))[0]?.name).toBe("");
  });
});

test("words are neither sealed nor opened inside a transaction", async () => {
  await talk();
  const inside = db.transaction("rw", db.messages, async () => {
    await db.words.openMessages(await db.messages.toArray());
  });
  await expect(inside).rejects.toThrow(TypeError);
});

test("a live query follows what it reads after opening", async () => {
  await talk();
  const other = new Database(ME, options);
  const live = query(async () => {
    await other.words.openMessages(await other.messages.toArray());
    return (await other.meta.get("after"))?.value ?? "nothing";
  });
  const stop = live.subscribe(() => {});
  await vi.waitFor(() => expect(live.get()).toBe("nothing"));
  await db.meta.put({ key: "after", value: "there" });
  await vi.waitFor(() => expect(live.get()).toBe("there"));
  stop();
  other.close();
});

test("a draft that is sent does not come back", async () => {
  await putChat(db, ME, GROUP, null);
  const drafts = ["h", "he", "hey"].map((text) => writeDraft(db, CHAT, text, 1));
  await write("one", "hey");
  await Promise.all(drafts);
  expect(await readDraft(db, CHAT)).toBe("");
});

test("a draft that was sealed ahead is written without a pause, and an older one is not written for it", async () => {
  await putChat(db, ME, GROUP, null);
  await prepareDraft(db, CHAT, "hazel");
  const seal = vi.spyOn(crypto.subtle, "encrypt");
  await writeDraft(db, CHAT, "hazel", 7);
  expect(seal).not.toHaveBeenCalled();
  seal.mockRestore();
  expect(await db.drafts.get(CHAT)).toMatchObject({ updatedAt: 7 });
  await writeDraft(db, CHAT, "hazelnut", 8);
  expect(await readDraft(db, CHAT)).toBe("hazelnut");
});

test("a page that is closed before the last key is sealed keeps what was sealed before it", async () => {
  await putChat(db, ME, GROUP, null);
  await prepareDraft(db, CHAT, "haze");
  const seal = vi.spyOn(db.words, "sealDraft").mockReturnValue(new Promise(() => {}));
  void prepareDraft(db, CHAT, "hazel");
  void writeDraft(db, CHAT, "hazel", 7);
  await vi.waitFor(async () => expect(await readDraft(db, CHAT)).toBe("haze"));
  seal.mockRestore();
});

test("of what is sealed ahead the newest counts, and nothing that was sent", async () => {
  await putChat(db, ME, GROUP, null);
  await Promise.all(["h", "ha", "haz"].map((text) => prepareDraft(db, CHAT, text)));
  await writeDraft(db, CHAT, "", 7);
  const seal = vi.spyOn(db.words, "sealDraft").mockReturnValue(new Promise(() => {}));
  void writeDraft(db, CHAT, "w", 8);
  await vi.waitFor(() => expect(seal).toHaveBeenCalled());
  expect(await readDraft(db, CHAT)).toBe("");
  seal.mockRestore();
});

describe("the key", () => {
  /** As a new tab sees it. */
  const isRefused = async (): Promise<boolean> => {
    db.close();
    db = new Database(ME, options);
    const [key, rows] = await Promise.allSettled([db.words.key(), shown()]);
    const lost = [key, rows].every((each) => each.status === "rejected" && each.reason instanceof KeyLost);
    return lost && (await isLost(ME, options));
  };

  test("that is gone is not replaced by a new one", async () => {
    await talk();
    await db.vault.delete("key");
    expect(await isRefused()).toBe(true);
    await db.meta.delete("key proof");
    expect(await isRefused()).toBe(true);
  });

  test("of another database opens nothing here", async () => {
    await talk();
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await db.vault.put({ key: "key", value: key });
    expect(await isRefused()).toBe(true);
  });

  test("is there once for tabs that begin together, also where a live query asks first", async () => {
    const other = new Database(ME, options);
    const live = query(() => readChatList(other, ME, 0));
    const stop = live.subscribe(() => {});
    await talk();
    await vi.waitFor(() => expect(live.get()).toMatchObject([{ name: "walnut plan", draft: "hazelnut" }]));
    expect(await isLost(ME, options)).toBe(false);
    stop();
    other.close();
  });
});

describe("a database of the version before", () => {
  /** All of a talk in clear, as version 1 kept it. */
  beforeEach(async () => {
    await talk();
    const [messages, outbox] = [await db.words.openMessages(await db.messages.toArray()), await db.outbox.toArray()];
    const rest = { cursors: await db.cursors.toArray(), members: await db.members.toArray() };
    const [chats, waiting] = [await db.words.openChats(await db.chats.toArray()), await Promise.all(outbox.map((row) => db.words.openOutbox(row)))];
    db.close();
    options.indexedDB = new IDBFactory();
    const old = new Dexie(databaseName(ME), options);
    old.version(1).stores({
      messages: "key, [chatId+order]",
      outbox: "clientId, chatId, [chatId+order]",
      cursors: "chatId",
      chats: "id, activeAt",
      members: "[chatId+userId]",
      users: "id",
      drafts: "chatId",
      receipts: "chatId",
      vault: "key",
      meta: "key",
    });
    const filler = Array.from({ length: 450 }, (_, index) => ({ ...messages[0], key: `${CHAT}0/x/${index}`, chatId: `${CHAT}0`, order: index }));
    await old.table("messages").bulkPut([...messages, ...filler]);
    await old.table("chats").bulkPut(chats);
    await old.table("outbox").bulkPut(waiting);
    await old.table("drafts").put({ chatId: CHAT, text: "hazelnut", updatedAt: 1 });
    for (const [name, rows] of Object.entries(rest)) await old.table(name).bulkPut(rows);
    old.close();
    db = new Database(ME, options);
  });

  const whole = async (): Promise<void> => {
    expect(await shown()).toEqual(BODIES);
    expect(await readChatList(db, ME, 0)).toMatchObject([{ name: "walnut plan", draft: "hazelnut", preview: { body: { text: "almond" } } }]);
    const waiting = there(await db.outbox.get("waiting"));
    expect((await db.words.openOutbox(waiting))?.sealed.content).toBe("almond");
  };

  test("is read at once, and sealed by and by", async () => {
    expect(found(await dump(db), WORDS)).toEqual(WORDS);
    await whole();
    await sealOld(db);
    expect(found(await dump(db), WORDS)).toEqual([]);
    await whole();
  });

  test("goes on where it was interrupted, and takes along what changes meanwhile", async () => {
    const stopped = sealOld(db);
    await vi.waitFor(async () => expect((await db.messages.toArray()).some((row) => row.words)).toBe(true));
    db.close();
    await stopped.catch(() => {});
    db = new Database(ME, options);
    expect((await db.messages.toArray()).some((row) => !row.words)).toBe(true);
    await settleFailed(db, "waiting", { code: "x", message: "No." });
    await sealOld(db);
    expect(found(await dump(db), WORDS)).toEqual([]);
    await whole();
  });
});
