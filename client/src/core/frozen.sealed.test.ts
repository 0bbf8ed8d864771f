// A chat whose group a device will not follow any more, on a real server with encryption: it goes on in another one.

import { expect, test } from "vitest";

import type { Packable } from "./crypto/keys/packed.ts";
import { commitWrites } from "./db/ingest.ts";
import { Database } from "./db/database.ts";
import { Vault } from "./crypto/vault/vault.ts";
import type { ChatDetail, Services } from "./services.ts";
import { connected, newest, newPerson, texts, type Person } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";

const LONG = { timeout: 120_000 };

const says = (tab: Services, chatId: string, words: string) =>
  eventually(newest(tab, chatId), (window) => texts(window).includes(words), 40_000);
const detail = (tab: Services, chatId: string, is: (chat: ChatDetail) => boolean) =>
  eventually(tab.chats.detail(chatId), (chat) => (chat ? is(chat) : false), 40_000);

/** The device has seen what it must not follow; what that is, crypto/engine/frozen.test.ts has. */
async function freeze(person: Person, chatId: string): Promise<Services> {
  await person.browser.closeTab(person.tab);
  const db = new Database(person.id, person.browser.database);
  const vault = await Vault.open(db);
  const record = (await vault.read(`group/${chatId}`)) as unknown as Record<string, Packable>;
  const frozen = await vault.write(`group/${chatId}`, { ...record, status: "frozen", reason: "for the test" });
  await commitWrites(db, [frozen]);
  db.close();
  const tab = person.browser.tab();
  await connected(tab);
  await detail(tab, chatId, (chat) => chat.frozen === true);
  return tab;
}

async function trio(): Promise<[Person, Person, Person]> {
  const people: [Person, Person, Person] = [await newPerson("asha"), await newPerson("bela"), await newPerson("chand")];
  for (const { tab } of people) await eventually(tab.keys.state, (keys) => keys.state === "ready", 40_000);
  return people;
}

test("a frozen group goes on in one of the same people, under its name, and everybody is led there", LONG, async () => {
  const [asha, bela, chand] = await trio();
  const group = await asha.tab.chats.createGroup("Roof", [bela.id, chand.id]);
  await asha.tab.messages.send(group, "before");
  for (const { tab } of [bela, chand]) await says(tab, group, "before");
  await asha.tab.chats.setRole(group, bela.id, "admin");

  const his = await freeze(chand, group);
  await expect(his.chats.continueSealed(group)).rejects.toMatchObject({ code: "successor_missing" });
  const hers = await freeze(bela, group);
  const next = await hers.chats.continueSealed(group);
  expect(next).not.toBe(group);
  for (const tab of [asha.tab, hers, his]) {
    expect(await detail(tab, group, (chat) => chat.goesOn !== null)).toMatchObject({ goesOn: next });
    const found = await detail(tab, next, (chat) => chat.name === "Roof");
    expect(new Map(found?.members.map(({ userId, role }) => [userId, role]))).toEqual(
      new Map([[asha.id, "owner"], [bela.id, "admin"], [chand.id, "member"]]),
    );
    expect(found).toMatchObject({ goesOn: null });
    expect(found).not.toHaveProperty("frozen");
  }
  expect(await asha.tab.chats.continueSealed(group)).toBe(next);
  await his.messages.send(next, "after");
  for (const tab of [asha.tab, hers]) await says(tab, next, "after");
  // What was said in the old one stays.
  expect(texts(await says(his, group, "before"))).toEqual(["before"]);
  expect(texts(await says(hers, next, "after"))).toEqual(["after"]);
});

test("two people go on in a new chat, and in another one after that; whoever looks for the person finds the last", LONG, async () => {
  const [asha, bela] = await trio();
  const first = await asha.tab.chats.createDirect(bela.id);
  await asha.tab.messages.send(first, "one");
  await says(bela.tab, first, "one");
  const chats = [first];
  let hers: Services = asha.tab;
  for (const words of ["two", "three"]) {
    hers = await freeze({ ...asha, tab: hers }, chats.at(-1) ?? "");
    const next = await hers.chats.continueSealed(chats.at(-1) ?? "");
    expect(chats).not.toContain(next);
    await hers.messages.send(next, words);
    await says(bela.tab, next, words);
    expect(await detail(bela.tab, chats.at(-1) ?? "", (chat) => chat.goesOn !== null)).toMatchObject({ goesOn: next });
    chats.push(next);
  }
  expect(await hers.chats.createDirect(bela.id)).toBe(chats.at(-1));
  expect(await bela.tab.chats.createDirect(asha.id)).toBe(chats.at(-1));
});
