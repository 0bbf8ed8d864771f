// The history of encrypted chats on a real server: what one browser of a person opened, another opens later.

import { expect, test } from "vitest";

import type { MessageWindow, Services } from "../services.ts";
import { linked } from "../testing/linked.ts";
import { newest, newPerson, texts } from "../testing/people.ts";
import { eventually } from "../testing/wait.ts";

/** What people said, without the chat's own news. */
const spoken = (window: MessageWindow | undefined): string[] =>
  texts(window && { ...window, items: window.items.filter((item) => item.kind === "message") });
const says = (tab: Services, chatId: string, words: readonly string[]) =>
  eventually(newest(tab, chatId), (window) => spoken(window).join("\n") === words.join("\n"), 40_000);

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
