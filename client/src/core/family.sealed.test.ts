// Three people with five devices on a real server: one is away for long, one is lost and comes back by the recovery code,
// one is removed. Whoever is in the group reads everything that was said since they came in, each message once.

import { expect, test } from "vitest";

import { Proof } from "./identity/proof.ts";
import type { Services } from "./services.ts";
import type { FakeBrowser } from "./testing/browser.ts";
import { connected, newBrowser, newest, newPerson, PASSWORD, signIn, texts, type Person } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";

const keysAre = (tab: Services, state: string) => eventually(tab.keys.state, (keys) => keys.state === state);

/** What people said, without lines about who came and went. */
const said = (tab: Services, chatId: string) => {
  const window = newest(tab, chatId);
  return eventually(window, (now) => now !== undefined).then(() => window);
};

/** Waits until the tab shows these messages last, and then that it shows none of them twice. */
async function reads(tab: Services, chatId: string, words: readonly string[]): Promise<void> {
  const window = await said(tab, chatId);
  const shown = () => texts(window.get()).filter((text) => words.includes(text));
  await eventually(window, () => shown().length >= words.length, 40_000).catch(() => {
    throw new Error(`shows ${JSON.stringify(texts(window.get()))} and not ${JSON.stringify(words)}`);
  });
  expect(shown()).toEqual(words);
}

async function newTab(person: Person): Promise<{ browser: FakeBrowser; tab: Services }> {
  const browser = newBrowser();
  const tab = browser.tab();
  await eventually(tab.session.status, (status) => status.state === "signedOut");
  await signIn(tab, person.username);
  await connected(tab);
  await keysAre(tab, "elsewhere");
  return { browser, tab };
}

/** A second browser of the person, let in by the first. */
async function secondDevice(person: Person): Promise<{ browser: FakeBrowser; tab: Services }> {
  const { browser, tab } = await newTab(person);
  const waiting = await (await tab.keys.desk()).askIn();
  const arrived = waiting.arrived(new AbortController().signal);
  await (await (await person.tab.keys.desk()).whoAsks(waiting.code)).letIn();
  await arrived;
  await keysAre(tab, "ready");
  return { browser, tab };
}

test("three people, five devices: everybody in the group reads everything since they came, once", { timeout: 180_000 }, async () => {
  const [asha, bela, chand] = [await newPerson("asha"), await newPerson("bela"), await newPerson("chand")];
  for (const each of [asha, bela, chand]) await keysAre(each.tab, "ready");
  const [ashaToo, belaToo] = [await secondDevice(asha), await secondDevice(bela)];

  const group = await asha.tab.chats.createGroup("Roof", [bela.id, chand.id]);
  const five = [asha.tab, ashaToo.tab, bela.tab, belaToo.tab, chand.tab];
  for (const tab of five)
    await eventually(tab.chats.list(), (chats) => chats?.some((chat) => chat.id === group) ?? false);
  const words: string[] = [];
  const says = async (tab: Services, text: string): Promise<void> => {
    words.push(text);
    await tab.messages.send(group, text);
    await eventually(newest(tab, group), (window) => {
      const mine = window?.items.findLast((item) => item.body.t === "text" && item.body.text === text);
      return mine !== undefined && mine.state !== "queued" && mine.state !== "failed";
    }, 30_000);
  };
  for (const [index, tab] of five.entries()) await says(tab, `hello from ${index}`);
  for (const tab of five) await reads(tab, group, words);

  // Chand's only device goes away for long, and the group changes meanwhile.
  chand.browser.online.set(false);
  for (let index = 0; index < 30; index += 1) await says(index % 2 ? bela.tab : asha.tab, `meanwhile ${index}`);

  // Asha's second device is removed: it is signed out, and hears nothing more.
  const { deviceId } = ashaToo.tab.keys.state.get();
  await new Proof(asha.tab).byPassword(PASSWORD);
  await (await asha.tab.keys.desk()).removeDevice(deviceId ?? "");
  await eventually(ashaToo.tab.session.status, (status) => status.state === "signedOut");
  await says(asha.tab, "without the stolen one");

  // Bela loses both devices, and comes back with the recovery code.
  const code = await (await bela.tab.keys.desk()).newCode();
  await (await bela.tab.keys.desk()).keepCode(code);
  await says(asha.tab, "while Bela has nothing");
  await bela.browser.close();
  await belaToo.browser.close();
  const { tab: back } = await newTab(bela);
  await (await back.keys.desk()).restore(code);
  await keysAre(back, "ready");
  const before = words.length;
  await says(back, "from the new one");
  await says(asha.tab, "welcome back");

  chand.browser.online.set(true);
  await reads(chand.tab, group, words);
  await says(chand.tab, "that was long");
  await reads(asha.tab, group, words);
  await reads(chand.tab, group, words);
  await reads(back, group, words.slice(before));
  expect(words).toHaveLength(5 + 30 + 5);
});
