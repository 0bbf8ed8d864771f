// Bad days against a real server: it is killed, the network drops what it likes, answers get lost.

import { expect, test, vi } from "vitest";

import type { MessageWindow } from "./services.ts";
import { connected, newBrowser, newest, newPerson, signIn, texts } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";

const CONTROL = process.env["BATIYOUN_TEST_CONTROL"];
const PATIENCE = 40_000;

const numbers = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => `${from + index}`);

/** All 61 messages are there and stored. */
const isWhole = (window: MessageWindow | undefined): boolean =>
  texts(window).length === 61 && (window?.items.every((item) => item.seq !== null) ?? false);

test.skipIf(!CONTROL)("a server that is killed while people write loses nothing and doubles nothing", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  const write = async (from: number): Promise<void> => {
    for (const text of numbers(from, 20)) await asha.tab.messages.send(chatId, text);
  };
  await write(0);
  const killed = fetch(CONTROL ?? "", { method: "POST" });
  await write(20);
  await bela.tab.messages.send(chatId, "bela");
  await killed;
  await write(40);

  const here = await eventually(newest(asha.tab, chatId), isWhole, PATIENCE);
  const there = await eventually(newest(bela.tab, chatId), isWhole, PATIENCE);
  expect(texts(there)).toEqual(texts(here));
  expect(texts(here).filter((text) => text !== "bela")).toEqual(numbers(0, 60));
  expect(here?.items.map((item) => item.seq)).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
});

test("an answer that was lost on the way is asked for again, and the message is there once", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await asha.browser.closeTab(asha.tab);

  // No socket: messages go by PUT, the server stores them, and every second answer never arrives.
  let puts = 0;
  asha.browser.network = async (input, init) => {
    const response = await fetch(input, init);
    if (init?.method !== "PUT") return response;
    puts += 1;
    if (puts % 2 === 1) throw new TypeError("connection reset");
    return response;
  };
  const tab = asha.browser.tab({ socket: false });
  await eventually(tab.session.status, (status) => status.state === "signedIn");
  for (const text of numbers(0, 4)) await tab.messages.send(chatId, text);

  const there = await eventually(newest(bela.tab, chatId), (window) => texts(window).length === 4, PATIENCE);
  expect(texts(there)).toEqual(numbers(0, 4));
  const sent = newest(tab, chatId);
  await eventually(sent, (window) => window?.items.every((item) => item.state !== "queued") ?? false, PATIENCE);
  expect(puts).toBe(8);
});

test("what the server refuses fails in its place, can be edited, and holds back nothing", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await asha.tab.messages.send(chatId, "before");
  const key = await asha.tab.messages.send(chatId, "with a \0 in it");
  await asha.tab.messages.send(chatId, "after");
  const window = newest(asha.tab, chatId);
  await eventually(window, (it) => it?.items.at(-1)?.seq === 2);
  expect(window.get()?.items.map((item) => item.state === "failed")).toEqual([false, true, false]);
  expect(window.get()?.items[1]?.failure?.code).toBe("invalid_input");

  // It is refused again; until then it cannot be taken back.
  await asha.tab.messages.retry(key);
  await vi.waitUntil(() => asha.tab.messages.edit(key, "without it"), { timeout: PATIENCE });
  await eventually(newest(bela.tab, chatId), (it) => texts(it).join() === "before,after,without it");
  expect(await asha.tab.session.unsent()).toBe(0);
});

test("another device of the same person sees what the first one reads", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const phone = newBrowser().tab();
  await eventually(phone.session.status, (status) => status.state === "signedOut");
  await signIn(phone, bela.username);
  await connected(phone);
  const chatId = await asha.tab.chats.createDirect(bela.id);
  for (const text of numbers(0, 5)) await asha.tab.messages.send(chatId, text);
  const list = phone.chats.list();
  await eventually(list, (chats) => chats?.[0]?.unread === 5);
  bela.tab.chats.markRead(chatId, 3);
  await eventually(list, (chats) => chats?.[0]?.unread === 2);
  await eventually(
    asha.tab.chats.detail(chatId),
    (chat) => chat?.members.some((member) => member.userId === bela.id && member.readSeq === 3) ?? false,
  );
  // What one device writes is the other's own message, too.
  await phone.messages.send(chatId, "from the phone");
  const window = await eventually(newest(bela.tab, chatId), (it) => texts(it).at(-1) === "from the phone");
  expect(window?.items.at(-1)?.mine).toBe(true);
});
