// What the service worker sends into encrypted chats with no tab open, on a real server: words that nobody has encrypted
// yet, into a group that has moved on meanwhile.

import { expect, test } from "vitest";

import type { Packable } from "./crypto/keys/packed.ts";
import { TrustStore } from "./crypto/trust/store.ts";
import { Vault } from "./crypto/vault/vault.ts";
import { Database } from "./db/database.ts";
import { commitWrites } from "./db/ingest.ts";
import type { Services } from "./services.ts";
import { sendInBackground } from "./sync/background.ts";
import { connected, newest, newPerson, texts, type Person } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";

const LONG = { timeout: 180_000 };
const SOON = 40_000;

const says = (tab: Services, chatId: string, words: string) =>
  eventually(newest(tab, chatId), (window) => texts(window).includes(words), SOON);

async function people<const N extends readonly string[]>(...names: N): Promise<{ [K in keyof N]: Person }> {
  const all = [];
  for (const name of names) all.push(await newPerson(name));
  for (const { tab } of all) await eventually(tab.keys.state, (keys) => keys.state === "ready", SOON);
  return all as { [K in keyof N]: Person };
}

/** Writes without a network and closes the tab at once: nothing is encrypted for the group. */
async function writeAndClose({ browser, tab }: Person, chatId: string, ...words: string[]): Promise<void> {
  browser.online.set(false);
  for (const each of words) await tab.messages.send(chatId, each);
  await browser.closeTab(tab);
}

/** The group as the person's browser has it stored. */
async function stored(person: Person, chatId: string) {
  const db = new Database(person.id, person.browser.database);
  const [waiting, cursor, group] = [await db.outbox.toArray(), await db.cursors.get(chatId), await db.vault.get(`group/${chatId}`)];
  db.close();
  return { waiting, cursor: cursor?.to ?? 0, group: group?.value };
}

/** A group of two who have talked, where the second one has gone with words unsaid and the first has let in a third. */
async function movedOn(): Promise<{ asha: Person; bela: Person; chand: Person; group: string }> {
  const [asha, bela, chand] = await people("asha", "bela", "chand");
  const group = await asha.tab.chats.createGroup("Roof", [bela.id]);
  await asha.tab.messages.send(group, "before");
  await says(bela.tab, group, "before");
  await bela.tab.messages.send(group, "hers");
  await says(asha.tab, group, "hers");
  await writeAndClose(bela, group, "one", "two", "three");
  await asha.tab.chats.addMembers(group, [chand.id]);
  await asha.tab.messages.send(group, "meanwhile");
  await says(chand.tab, group, "meanwhile");
  return { asha, bela, chand, group };
}

test("words go to the group as it is now, in order and once, and the next tab goes on from there", LONG, async () => {
  const { asha, bela, chand, group } = await movedOn();
  const before = await stored(bela, group);
  expect(before.waiting.map((row) => row.sealed.mls)).toEqual([null, null, null]);
  bela.browser.online.set(true);
  expect(await sendInBackground(bela.browser.worker)).toBe("done");
  const after = await stored(bela, group);
  expect(after.waiting).toEqual([]);
  expect(after.cursor).toBeGreaterThan(before.cursor);
  for (const { tab } of [asha, chand]) {
    const seen = texts(await says(tab, group, "three"));
    expect(seen.filter((each) => ["one", "two", "three"].includes(each))).toEqual(["one", "two", "three"]);
  }
  const tab = bela.browser.tab();
  await connected(tab);
  expect(texts(await says(tab, group, "meanwhile"))).toEqual(["before", "hers", "meanwhile", "one", "two", "three"]);
  await tab.messages.send(group, "back");
  await says(chand.tab, group, "back");
});

test("a worker that is ended at any step loses nothing and says nothing twice", LONG, async () => {
  const { asha, bela, chand, group } = await movedOn();
  bela.browser.online.set(true);
  const { worker } = bela.browser;
  // Each run gets one answer further than the one before; every other time the server has heard the last question.
  for (let reach = 0, outcome = ""; outcome !== "done"; reach += 1) {
    expect(reach).toBeLessThan(60);
    outcome = await new Promise<string>((resolve) => {
      let asked = 0;
      const dead = new Promise<never>(() => {});
      const run = sendInBackground({
        ...worker,
        fetch: async (input, init) => {
          if ((asked += 1) <= Math.floor(reach / 2)) return worker.fetch(input, init);
          if (asked === Math.floor(reach / 2) + 1 && reach % 2 === 1) await worker.fetch(input, init);
          bela.browser.kill();
          resolve("ended");
          return dead;
        },
      });
      void run.then(resolve, resolve);
    });
  }
  for (const { tab } of [asha, chand]) {
    const seen = texts(await says(tab, group, "three"));
    expect(seen.filter((each) => ["one", "two", "three"].includes(each))).toEqual(["one", "two", "three"]);
  }
  expect((await stored(bela, group)).waiting).toEqual([]);
});

/** What a tab refuses, the worker leaves as it is: nobody hears of it, and the next tab asks the person. */
async function left(spoil: (db: Database, vault: Vault, group: string, asha: Person) => Promise<void>): Promise<void> {
  const [asha, bela] = await people("asha", "bela");
  const group = await asha.tab.chats.createGroup("Roof", [bela.id]);
  await asha.tab.messages.send(group, "before");
  await says(bela.tab, group, "before");
  await writeAndClose(bela, group, "never", "ever");
  const db = new Database(bela.id, bela.browser.database);
  await spoil(db, await Vault.open(db), group, asha);
  db.close();
  const before = await stored(bela, group);
  bela.browser.online.set(true);
  expect(await sendInBackground(bela.browser.worker)).toBe("done");
  const after = await stored(bela, group);
  expect(after.waiting).toEqual(before.waiting);
  expect(after.waiting).toMatchObject([{ state: "waiting", attempts: 0 }, { state: "waiting", attempts: 0 }]);
  await asha.tab.messages.send(group, "after");
  expect(texts(await says(asha.tab, group, "after"))).toEqual(["before", "after"]);
}

test("nothing is sent into a chat that is frozen", LONG, async () => {
  expect.hasAssertions();
  await left(async (db, vault, group) => {
    const record = (await vault.read(`group/${group}`)) as unknown as Record<string, Packable>;
    const frozen = await vault.write(`group/${group}`, { ...record, status: "frozen", reason: "for the test" });
    await commitWrites(db, [frozen]);
  });
});

test("nothing is locked with keys that nobody has looked at since they are others", LONG, async () => {
  expect.hasAssertions();
  await left(async (db, vault, _group, asha) => {
    const store = new TrustStore({ db, vault, now: () => Date.now(), tell: async () => [], guard: async () => {} });
    // She had compared another key with asha than the one that asha goes by.
    const key = crypto.getRandomValues(new Uint8Array(32));
    await store.change([{ userId: asha.id, event: { t: "verified", key } }]);
  });
});

test("a tab that opens meanwhile takes over, and everything is said once", LONG, async () => {
  const { asha, bela, group } = await movedOn();
  bela.browser.online.set(true);
  const { worker } = bela.browser;
  let tab: Services | null = null;
  const outcome = await sendInBackground({
    ...worker,
    fetch: async (input, init) => {
      // With the first message on its way.
      if (init?.method === "PUT" && String(input).includes("/messages/")) tab ??= bela.browser.tab();
      return worker.fetch(input, init);
    },
  });
  expect(outcome).toBe("done");
  if (!tab) throw new Error("nothing was sent");
  const seen = texts(await says(asha.tab, group, "three"));
  expect(seen.filter((each) => ["one", "two", "three"].includes(each))).toEqual(["one", "two", "three"]);
  await expect.poll(() => tab?.session.unsent(), { timeout: SOON }).toBe(0);
});
