// What a person wants of a chat, on two of their devices and the real server.

import { expect, test } from "vitest";

import { connected, newBrowser, newPerson, signIn } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";

test("a wish is the same on all of one's devices, and for nobody else", async () => {
  const [asha, bela] = [await newPerson("asha"), await newPerson("bela")];
  const chatId = await asha.tab.chats.createDirect(bela.id);
  const browser = newBrowser();
  const laptop = browser.tab();
  await eventually(laptop.session.status, (status) => status.state === "signedOut");
  await signIn(laptop, asha.username);
  await connected(laptop);
  const there = laptop.chats.detail(chatId);
  await eventually(there, (chat) => chat != null);

  await asha.tab.chats.wish(chatId, { do: "pin", on: true });
  await asha.tab.chats.wish(chatId, { do: "mute", until: Date.UTC(2999, 0, 1) });
  const chat = await eventually(there, (it) => it?.pinned === 0 && it.mutedUntil !== null);
  expect(chat).toMatchObject({ mutedUntil: Date.UTC(2999, 0, 1), archived: false });

  // Said where there is no network, it is told when there is.
  browser.online.set(false);
  await laptop.chats.wish(chatId, { do: "mute", until: null });
  await laptop.chats.wish(chatId, { do: "archive", on: true });
  browser.online.set(true);
  await eventually(asha.tab.chats.detail(chatId), (it) => it?.archived === true && it.mutedUntil === null && it.pinned === null);
  const hers = await eventually(bela.tab.chats.detail(chatId), (it) => it != null);
  expect(hers).toMatchObject({ archived: false, pinned: null, mutedUntil: null });

  await bela.tab.messages.send(chatId, "Are you there?");
  for (const tab of [asha.tab, laptop]) await eventually(tab.chats.detail(chatId), (it) => it?.archived === false);
});
