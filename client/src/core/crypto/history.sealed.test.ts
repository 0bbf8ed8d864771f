// The history of encrypted chats on a real server: what one browser of a person opened, another opens later.

import { expect, test } from "vitest";

import { Database } from "../db/database.ts";
import type { MessageWindow, Services } from "../services.ts";
import { newBrowser, newest, newPerson, signIn, texts, type Person } from "../testing/people.ts";
import { eventually } from "../testing/wait.ts";
import { install, newDevice, readDevice } from "./devices/own.ts";
import { systemRuntime } from "../runtime.ts";
import { Vault } from "./vault/vault.ts";

/** What people said, without the chat's own news. */
const spoken = (window: MessageWindow | undefined): string[] =>
  texts(window && { ...window, items: window.items.filter((item) => item.kind === "message") });
const says = (tab: Services, chatId: string, words: readonly string[]) =>
  eventually(newest(tab, chatId), (window) => spoken(window).join("\n") === words.join("\n"), 40_000);

/** Another browser of the person, which got the keys from the first one. */
async function linked(person: Person): Promise<Services> {
  const browser = newBrowser();
  const tab = browser.tab();
  await eventually(tab.session.status, (status) => status.state === "signedOut");
  await signIn(tab, person.username);
  await eventually(tab.keys.state, (keys) => keys.state === "elsewhere");
  await browser.closeTab(tab);
  const [theirs, ours] = [new Database(person.id, person.browser.database), new Database(person.id, browser.database)];
  const keys = await readDevice(await Vault.open(theirs));
  if (!keys) throw new Error("no keys to pass on");
  const vault = await Vault.open(ours);
  await install(ours, vault, await newDevice(keys, { me: person.id, name: "Second", runtime: systemRuntime }), { depose: false, instead: undefined });
  theirs.close();
  ours.close();
  return browser.tab();
}

test("a new device shows what was said before it came, and what its person wrote elsewhere", { timeout: 120_000 }, async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  const words: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    for (const tab of [asha.tab, bela.tab]) {
      words.push(`words ${words.length}`);
      await tab.messages.send(chatId, words.at(-1) ?? "");
      await says(bela.tab, chatId, words);
    }
  }
  await says(asha.tab, chatId, words);
  const second = await linked(bela);
  await says(second, chatId, words);
  // From here on it reads by itself, and what its person writes elsewhere, too.
  for (const tab of [asha.tab, second, bela.tab]) {
    words.push(`words ${words.length}`);
    await tab.messages.send(chatId, words.at(-1) ?? "");
    for (const other of [asha.tab, bela.tab, second]) await says(other, chatId, words);
  }
  expect(spoken(await says(second, chatId, words))).toHaveLength(words.length);
});

test("clearing a browser takes its chats away and leaves its keys, so they come back", { timeout: 120_000 }, async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await asha.tab.messages.send(chatId, "before");
  await says(bela.tab, chatId, ["before"]);
  await bela.tab.messages.send(chatId, "yes");
  await says(asha.tab, chatId, ["before", "yes"]);
  const { deviceId } = await eventually(bela.tab.keys.state, (keys) => keys.state === "ready");
  await bela.tab.session.clear();
  // What was kept in the archive a moment ago may need another look.
  await eventually(newest(bela.tab, chatId), (window) => spoken(window).join() === "before,yes", 100_000);
  expect((await eventually(bela.tab.keys.state, (keys) => keys.state === "ready")).deviceId).toBe(deviceId);
  await bela.tab.messages.send(chatId, "after");
  await says(asha.tab, chatId, ["before", "yes", "after"]);
});
