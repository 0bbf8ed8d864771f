// What encrypted groups are called and how long messages last in them, on the real server, which never learns it.

import { expect, test } from "vitest";

import type { MessageItem, Services } from "./services.ts";
import { linked } from "./testing/linked.ts";
import { newest, newPerson, texts } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";

const isCalled = (tab: Services, chatId: string, name: string) =>
  eventually(tab.chats.list(), (chats) => chats?.some((chat) => chat.id === chatId && chat.name === name) ?? false, 30_000);

const looksLike = (tab: Services, chatId: string, picture: string | null) =>
  eventually(tab.chats.list(), (chats) => chats?.some((chat) => chat.id === chatId && chat.picture === picture) ?? false, 30_000);
const BYTES = "UklGRhoAAABXRUJQVlA4TA4AAAAvAAAAAAcQEf0PRET/Aw==";
const SHOWN = `data:image/webp;base64,${BYTES}`;
const picture = new Blob([Uint8Array.from(atob(BYTES), (each) => each.charCodeAt(0))]);
const isPicture = ({ body }: MessageItem): boolean => body.t === "system" && body.event.what === "picture";

test("a group's name is what its admins say, and newcomers hear it", { timeout: 120_000 }, async () => {
  const [asha, bela, chand] = [await newPerson("asha"), await newPerson("bela"), await newPerson("chand")];
  for (const { tab } of [asha, bela, chand]) await eventually(tab.keys.state, (keys) => keys.state === "ready", 30_000);

  const group = await asha.tab.chats.createGroup("Roof", [bela.id]);
  await isCalled(asha.tab, group, "Roof");
  await isCalled(bela.tab, group, "Roof");

  await asha.tab.chats.rename(group, "Terrace");
  await isCalled(bela.tab, group, "Terrace");
  const lines = await eventually(newest(bela.tab, group), (window) => (window?.items.length ?? 0) > 1);
  expect(lines?.items.flatMap(({ body }) => (body.t === "system" && body.event.what === "renamed" ? [body.event.name] : []))).toEqual([
    "Roof",
    "Terrace",
  ]);

  // Whoever may not name it is not believed, whatever their app says.
  await bela.tab.chats.rename(group, "Bela's place");
  await bela.tab.chats.setTimer(group, 1);
  await bela.tab.messages.send(group, "did it work?");
  const shown = await eventually(newest(asha.tab, group), (window) => texts(window).includes("did it work?"), 30_000);
  await isCalled(asha.tab, group, "Terrace");
  expect(shown?.items.some(({ body }) => body.t === "system" && body.event.what === "renamed" && body.event.name.startsWith("Bela"))).toBe(false);

  await bela.tab.chats.setPicture(group, picture);
  await asha.tab.chats.setPicture(group, picture);
  await looksLike(bela.tab, group, SHOWN);
  const told = await eventually(newest(asha.tab, group), (window) => (window?.items.filter(isPicture).length ?? 0) > 0);
  expect(told?.items.filter(isPicture).map(({ senderId }) => senderId), "who may not is not believed").toEqual([asha.id]);
  await expect(asha.tab.chats.setPicture(group, new Blob([new Uint8Array(30_000)]))).rejects.toMatchObject({ code: "too_long" });

  await asha.tab.chats.setTimer(group, 3_600);
  await eventually(bela.tab.chats.detail(group), (chat) => chat?.lasts === 3_600, 30_000);
  await asha.tab.chats.addMembers(group, [chand.id]);
  await isCalled(chand.tab, group, "Terrace");
  await eventually(chand.tab.chats.detail(group), (chat) => chat?.lasts === 3_600, 30_000);
  await looksLike(chand.tab, group, SHOWN);
  const hers = await eventually(newest(chand.tab, group), (window) => window !== undefined);
  expect(hers?.items.some(({ body }) => body.t === "sealed")).toBe(false);

  await asha.tab.chats.setTimer(group, 1);
  await asha.tab.messages.send(group, "soon gone");
  await asha.tab.chats.setTimer(group, 0);
  await asha.tab.messages.send(group, "stays");
  for (const { tab } of [asha, bela, chand]) {
    const left = await eventually(
      newest(tab, group),
      (window) => texts(window).includes("stays") && !texts(window).includes("soon gone"),
      30_000,
    );
    expect(left?.items.filter(({ body }) => body.t === "system" && body.event.what === "timer")).not.toHaveLength(0);
  }
});

test("a device that came in from outside, with an empty history, hears the name from whoever comes first", { timeout: 120_000 }, async () => {
  const [asha, bela] = [await newPerson("asha"), await newPerson("bela")];
  for (const { tab } of [asha, bela]) await eventually(tab.keys.state, (keys) => keys.state === "ready", 30_000);
  const group = await asha.tab.chats.createGroup("Roof", [bela.id], picture);
  await isCalled(bela.tab, group, "Roof");
  await looksLike(bela.tab, group, SHOWN);
  await bela.tab.history.keep(group, false);

  // Nobody is there to let it in.
  for (const { browser, tab } of [asha, bela]) await browser.closeTab(tab);
  const second = await linked(bela);
  await eventually(second.chats.detail(group), (chat) => chat !== undefined && chat !== null, 30_000);
  await second.messages.send(group, "who are we?");
  await eventually(newest(second, group), (window) => window?.items.some((item) => item.mine && item.state === "sent") ?? false, 30_000);
  expect(await eventually(second.chats.detail(group), (chat) => chat !== undefined)).toMatchObject({ name: null });
  // The owner comes, the person's own first device stays away.
  const hers = asha.browser.tab();
  await isCalled(second, group, "Roof");

  await hers.chats.rename(group, "Terrace");
  await isCalled(second, group, "Terrace");
  // The next one hears it from the person's own device, and the owner stays away.
  await asha.browser.closeTab(hers);
  const third = await linked(bela);
  await isCalled(third, group, "Terrace");
});
