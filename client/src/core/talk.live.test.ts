// Two people, two browsers, one real server: core from sign-up to read marks.

import { expect, test, vi } from "vitest";

import type { Services } from "./services.ts";
import { connected, newBrowser, newest, newPerson, PASSWORD, signIn, texts } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";

test("they find each other, talk, and see what became of it", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");

  const found = await asha.tab.people.search(bela.username);
  expect(found.map((person) => person.id)).toEqual([bela.id]);

  const chatId = await asha.tab.chats.createDirect(bela.id);
  const list = bela.tab.chats.list();
  const [item] = (await eventually(list, (chats) => chats?.length === 1 && chats[0]?.partner !== null)) ?? [];
  expect(item?.id).toBe(chatId);
  expect(item?.partner?.username).toBe(asha.username);

  await asha.tab.messages.send(chatId, "hello");
  await asha.tab.messages.send(chatId, "how are you?");
  const there = newest(bela.tab, chatId);
  await eventually(there, (window) => texts(window).length === 2);
  expect(texts(there.get())).toEqual(["hello", "how are you?"]);
  await eventually(list, (chats) => chats?.[0]?.unread === 2);

  const here = newest(asha.tab, chatId);
  await eventually(here, (window) => window?.items.every((each) => each.state === "delivered") ?? false);
  bela.tab.chats.markRead(chatId, 2);
  await eventually(here, (window) => window?.items.every((each) => each.state === "read") ?? false);
  await eventually(list, (chats) => chats?.[0]?.unread === 0);

  const isTyping = (tab: Services) => eventually(tab.presence.typing, (typing) => typing.get(chatId)?.length === 1);
  bela.tab.chats.typing(chatId);
  expect((await isTyping(asha.tab)).get(chatId)).toEqual([bela.id]);
  await bela.tab.messages.send(chatId, "fine");
  await eventually(here, (window) => texts(window).length === 3);
  await eventually(asha.tab.presence.typing, (typing) => !typing.has(chatId));
  const close = asha.tab.chats.open(chatId);
  await eventually(asha.tab.presence.people, (known) => known.get(bela.id)?.online === true);
  close();
});

test("what is written without a network is sent once, and what was missed is fetched", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await asha.tab.messages.send(chatId, "first");
  const there = newest(bela.tab, chatId);
  await eventually(there, (window) => texts(window).length === 1);

  // Bela's tab is closed, and she writes without a network when it opens again.
  await bela.browser.closeTab(bela.tab);
  for (let index = 0; index < 20; index += 1) await asha.tab.messages.send(chatId, `missed ${index}`);
  const other = newest(asha.tab, chatId);
  await eventually(other, (window) => window?.items.at(-1)?.seq === 21);
  bela.browser.online.set(false);
  const tab = bela.browser.tab();
  await eventually(tab.session.status, (status) => status.state === "signedIn");
  const again = newest(tab, chatId);
  await eventually(again, (window) => texts(window).length === 1);
  const key = await tab.messages.send(chatId, "from the train");
  await tab.messages.send(chatId, "second thought");
  await eventually(again, (window) => window?.items.at(-1)?.state === "queued");
  expect(await tab.messages.cancel(key)).toBe(true);

  bela.browser.online.set(true);
  const done = await eventually(again, (window) => texts(window).length === 22 && window?.items.at(-1)?.seq === 22);
  const expected = ["first", ...Array.from({ length: 20 }, (_, index) => `missed ${index}`), "second thought"];
  expect(texts(done)).toEqual(expected);
  expect(texts(await eventually(other, (window) => texts(window).length === 22))).toEqual(expected);
});

test("two tabs show the same, and the second takes over when the first is closed", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const second = asha.browser.tab();
  await connected(second);
  const chatId = await second.chats.createDirect(bela.id);
  await second.messages.send(chatId, "from the second tab");
  const there = newest(bela.tab, chatId);
  await eventually(there, (window) => texts(window).length === 1);

  await bela.tab.messages.send(chatId, "answer");
  const windows = [newest(asha.tab, chatId), newest(second, chatId)];
  for (const window of windows) await eventually(window, (it) => texts(it).join() === "from the second tab,answer");

  second.chats.typing(chatId);
  await eventually(bela.tab.presence.typing, (typing) => typing.get(chatId)?.[0] === asha.id);

  await asha.browser.closeTab(asha.tab);
  await connected(second);
  await bela.tab.messages.send(chatId, "still there?");
  const shown = await eventually(newest(second, chatId), (it) => texts(it).length === 3);
  expect(shown?.items.map((item) => item.seq)).toEqual([1, 2, 3]);
});

test("a group lives: it is renamed, people come and go, and who is gone keeps what was said", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chitra = await newPerson("chitra");
  const chatId = await asha.tab.chats.createGroup("Readers", [bela.id]);
  const here = newest(bela.tab, chatId);
  await asha.tab.messages.send(chatId, "welcome");
  await eventually(here, (window) => texts(window).length === 1);

  await asha.tab.chats.addMembers(chatId, [chitra.id]);
  const detail = chitra.tab.chats.detail(chatId);
  await eventually(detail, (chat) => chat?.members.length === 3 && chat.members.every((each) => each.profile !== null));
  await asha.tab.chats.rename(chatId, "Writers");
  await eventually(detail, (chat) => chat?.name === "Writers");
  await asha.tab.chats.setRole(chatId, bela.id, "admin");
  await eventually(bela.tab.chats.detail(chatId), (chat) => chat?.myRole === "admin");

  await bela.tab.chats.removeMember(chatId, chitra.id);
  await eventually(detail, (chat) => chat?.membership === "gone");
  await expect(chitra.tab.messages.send(chatId, "hello?")).rejects.toMatchObject({ code: "not_found" });
  await asha.tab.messages.send(chatId, "only us");
  const all = await eventually(here, (window) => texts(window).at(-1) === "only us");
  const events = all?.items.flatMap((item) => (item.body.t === "system" ? [item.body.event] : []));
  expect(events).toEqual([
    { what: "added", userIds: [chitra.id] },
    { what: "renamed", name: "Writers" },
    { what: "role", userIds: [bela.id], role: "admin" },
    { what: "removed", userIds: [chitra.id] },
  ]);
  expect(texts(newest(chitra.tab, chatId).get())).not.toContain("only us");

  await asha.tab.chats.addMembers(chatId, [chitra.id]);
  await eventually(detail, (chat) => chat?.membership === "member");
  await asha.tab.messages.send(chatId, "back again");
  await eventually(newest(chitra.tab, chatId), (window) => texts(window).at(-1) === "back again");
});

test("a new device has the recent past, and older pages on demand", async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await bela.browser.closeTab(bela.tab);
  for (let index = 1; index <= 120; index += 1) {
    const body = { content: `${index}`, encrypted: false };
    await asha.browser.outside("PUT", `/api/chats/${chatId}/messages/c${index}`, body);
  }

  const browser = newBrowser();
  const tab = browser.tab();
  await eventually(tab.session.status, (status) => status.state === "signedOut");
  await signIn(tab, bela.username);
  const [chat] = (await eventually(tab.chats.list(), (chats) => chats?.length === 1)) ?? [];
  expect(chat?.unread).toBe(120);
  const window = tab.messages.window(chatId, { at: "end", limit: 200 });
  const first = await eventually(window, (it) => it?.items.length === 50);
  expect(first?.olderThere).toBe(true);
  expect(await tab.messages.loadOlder(chatId, 50)).toBe(true);
  expect(await tab.messages.loadOlder(chatId, 50)).toBe(true);
  const complete = await eventually(window, (it) => it?.items.length === 120 && !it.olderThere);
  expect(texts(complete)).toEqual(Array.from({ length: 120 }, (_, index) => `${index + 1}`));
  expect(await tab.messages.loadOlder(chatId, 50)).toBe(false);
  tab.chats.markRead(chatId, 119);
  await eventually(tab.chats.list(), (chats) => chats?.[0]?.unread === 1);
});

test("signing out wipes this browser, for all its tabs", async () => {
  const asha = await newPerson("asha");
  const second = asha.browser.tab();
  await connected(second);
  await asha.tab.chats.createDirect(asha.id);
  await asha.tab.session.signOut();
  await eventually(second.session.status, (status) => status.state === "signedOut");
  expect(asha.tab.session.status.get()).toEqual({ state: "signedOut", reason: "signedOut" });
  const databases = await asha.browser.database.indexedDB.databases();
  expect(databases.map((each) => each.name)).toEqual(["batiyoun"]);
  await expect(second.chats.createDirect(asha.id)).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a session that ended elsewhere keeps what is here until the person signs in again", async () => {
  const asha = await newPerson("asha");
  const chatId = await asha.tab.chats.createDirect(asha.id);
  await asha.tab.messages.send(chatId, "a note");
  const window = newest(asha.tab, chatId);
  await eventually(window, (it) => it?.items.at(-1)?.state === "sent");

  // The cookie is lost, as when the browser clears it.
  const kept = asha.browser.cookie;
  await asha.browser.closeTab(asha.tab);
  asha.browser.cookie = "";
  const tab = asha.browser.tab();
  await eventually(tab.session.status, (status) => status.state === "signedIn" && status.expired);
  await tab.messages.send(chatId, "written meanwhile");
  const again = newest(tab, chatId);
  await eventually(again, (it) => texts(it).join() === "a note,written meanwhile");

  await signIn(tab, asha.username);
  expect(asha.browser.cookie).not.toBe(kept);
  await eventually(again, (it) => it?.items.at(-1)?.state === "sent");
});

test("a session that was ended on purpose elsewhere is wiped here", async () => {
  const asha = await newPerson("asha");
  const chatId = await asha.tab.chats.createDirect(asha.id);
  await asha.tab.messages.send(chatId, "a note");
  // The server ends the session that a sign-in replaces.
  await asha.browser.outside("POST", "/api/auth/login", { identifier: asha.username, password: PASSWORD });
  await eventually(asha.tab.session.status, (status) => status.state === "signedOut");
  expect(asha.tab.session.status.get()).toEqual({ state: "signedOut", reason: "revoked" });
  await vi.waitFor(async () => {
    const databases = await asha.browser.database.indexedDB.databases();
    expect(databases.map((each) => each.name)).toEqual(["batiyoun"]);
  });
});

test("a browser that was away while its session was ended is wiped when it comes back", async () => {
  const asha = await newPerson("asha");
  const chatId = await asha.tab.chats.createDirect(asha.id);
  await asha.tab.messages.send(chatId, "a note");
  await asha.browser.closeTab(asha.tab);
  const away = asha.browser.cookie;
  const elsewhere = newBrowser();
  const other = elsewhere.tab();
  await signIn(other, asha.username);
  await elsewhere.outside("POST", "/api/auth/sessions/revoke-others", {});
  expect(asha.browser.cookie).toBe(away);
  const tab = asha.browser.tab();
  await eventually(tab.session.status, (status) => status.state === "signedOut");
  expect(tab.session.status.get()).toEqual({ state: "signedOut", reason: "revoked" });
  await vi.waitFor(async () => {
    const databases = await asha.browser.database.indexedDB.databases();
    expect(databases.map((each) => each.name)).toEqual(["batiyoun"]);
  });
  expect(other.session.status.get()).toMatchObject({ state: "signedIn", expired: false });
});

test("signing in again replaces the session and wipes nothing", async () => {
  const asha = await newPerson("asha");
  const second = asha.browser.tab();
  await connected(second);
  const chatId = await asha.tab.chats.createDirect(asha.id);
  await asha.tab.messages.send(chatId, "a note");
  await signIn(second, asha.username);
  await connected(second);
  await second.messages.send(chatId, "another");
  const window = newest(asha.tab, chatId);
  await eventually(window, (it) => texts(it).join() === "a note,another" && it?.items[1]?.state === "sent");
  expect(asha.tab.session.status.get()).toMatchObject({ state: "signedIn", expired: false });
});
