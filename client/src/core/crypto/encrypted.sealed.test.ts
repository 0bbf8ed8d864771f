// Encrypted chats on a real server that offers them (BATIYOUN_TEST_URL with BATIYOUN_TEST_SEALED): people with browsers,
// from the first key to lost state.

import { expect, test } from "vitest";

import { Database } from "../db/database.ts";
import type { Services } from "../services.ts";
import { connected, newBrowser, newest, newPerson, signIn, texts, type Person } from "../testing/people.ts";
import { eventually } from "../testing/wait.ts";

const says = (tab: Services, chatId: string, words: readonly string[]) =>
  eventually(newest(tab, chatId), (window) => texts(window).join("\n") === words.join("\n"));
const settled = (tab: Services, chatId: string) =>
  eventually(newest(tab, chatId), (window) => window?.items.every((item) => item.kind === "system" || item.seq !== null) ?? false);

/** What the server has of the chat, as bytes that somebody could search. */
async function stored(person: Person, chatId: string): Promise<string> {
  const server = process.env["BATIYOUN_TEST_URL"] ?? "";
  const response = await fetch(`${server}/api/chats/${chatId}/messages?after=0&limit=500`, { headers: { cookie: person.browser.cookie } });
  return response.text();
}

test("two people talk, and the server has none of their words", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await asha.tab.messages.send(chatId, "the spare key is under the blue pot");
  await says(bela.tab, chatId, ["the spare key is under the blue pot"]);
  await bela.tab.messages.send(chatId, "found it");
  await says(asha.tab, chatId, ["the spare key is under the blue pot", "found it"]);
  await settled(asha.tab, chatId);
  const log = await stored(asha, chatId);
  expect(log).toContain('"kind":"commit"');
  expect(log).not.toContain("blue pot");
  expect(log).not.toContain(btoa("blue pot").replaceAll("=", ""));
});

test("a group lets people in and out: nobody reads what was said before or after", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chitra = await newPerson("chitra");
  // Whoever has no device yet cannot be let in, and a group does not wait for them: everybody has met before.
  for (const other of [bela, chitra]) {
    const met = await asha.tab.chats.createDirect(other.id);
    await asha.tab.messages.send(met, "namaste");
    await says(other.tab, met, ["namaste"]);
  }
  const chatId = await asha.tab.chats.createGroup("Roof", [bela.id]);
  await asha.tab.messages.send(chatId, "before");
  await says(bela.tab, chatId, ["before"]);

  await asha.tab.chats.addMembers(chatId, [chitra.id]);
  await eventually(chitra.tab.chats.list(), (chats) => chats?.some((chat) => chat.id === chatId) ?? false);
  await bela.tab.messages.send(chatId, "welcome");
  const hers = await eventually(newest(chitra.tab, chatId), (window) => texts(window).includes("welcome"));
  expect(texts(hers)).not.toContain("before");

  await asha.tab.chats.removeMember(chatId, chitra.id);
  await asha.tab.messages.send(chatId, "after");
  await eventually(newest(bela.tab, chatId), (window) => texts(window).includes("after"));
  expect(texts(await eventually(newest(chitra.tab, chatId), (window) => window !== undefined))).not.toContain("after");
});

test("who was away for a while reads everything, in order and once", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await asha.tab.messages.send(chatId, "first");
  await says(bela.tab, chatId, ["first"]);
  await bela.browser.closeTab(bela.tab);
  const words = ["first"];
  for (let index = 0; index < 30; index += 1) {
    words.push(`missed ${index}`);
    await asha.tab.messages.send(chatId, `missed ${index}`);
  }
  await settled(asha.tab, chatId);
  bela.browser.online.set(false);
  const tab = bela.browser.tab();
  await eventually(tab.session.status, (status) => status.state === "signedIn");
  await tab.messages.send(chatId, "from the train");
  bela.browser.online.set(true);
  await says(tab, chatId, [...words, "from the train"]);
  expect(texts(await says(asha.tab, chatId, [...words, "from the train"]))).toHaveLength(words.length + 1);
});

test("a device whose state is lost comes back by itself and reads what follows", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await asha.tab.messages.send(chatId, "one");
  await says(bela.tab, chatId, ["one"]);
  await bela.browser.closeTab(bela.tab);
  const db = new Database(bela.id, bela.browser.database);
  await db.vault.delete(`group/${chatId}`);
  db.close();
  const tab = bela.browser.tab();
  await connected(tab);
  await tab.messages.send(chatId, "two");
  await says(asha.tab, chatId, ["one", "two"]);
  await asha.tab.messages.send(chatId, "three");
  expect(texts(await says(tab, chatId, ["one", "two", "three"]))).toHaveLength(3);
});

test("a second browser that has no keys yet says so, and replaces nobody's", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await asha.tab.messages.send(chatId, "for your eyes");
  await says(bela.tab, chatId, ["for your eyes"]);
  const second = newBrowser().tab();
  await eventually(second.session.status, (status) => status.state === "signedOut");
  await signIn(second, bela.username);
  const shown = await eventually(newest(second, chatId), (window) => window?.items.at(-1)?.body.t === "sealed");
  expect(shown?.items.at(-1)?.body).toEqual({ t: "sealed", cause: "not_linked" });
  const key = await second.messages.send(chatId, "who am I?");
  const failed = await eventually(newest(second, chatId), (window) => window?.items.at(-1)?.state === "failed");
  expect(failed?.items.at(-1)).toMatchObject({ key, failure: { code: "not_linked" } });
  await bela.tab.messages.send(chatId, "still me");
  await says(asha.tab, chatId, ["for your eyes", "still me"]);
});
