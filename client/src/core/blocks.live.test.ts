// Whom a person blocks, on two of their devices and the real server.

import { expect, test, vi } from "vitest";

import { laterOperations } from "./contracts/generated/later-operations.ts";
import type { Services } from "./services.ts";
import { connected, newBrowser, newest, newPerson, signIn, texts, type Person } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";

const LIST = "GET /api/blocks";

const blocks = (tab: Services, whom: readonly Person[]) =>
  eventually(tab.blocks.people, (people) => people !== undefined && [...people.keys()].toSorted().join() === whom.map(({ id }) => id).toSorted().join());
/** Until the server knows that so many are blocked. */
const isTold = (tab: Services, many: number) =>
  vi.waitFor(async () => expect((await tab.rest.send(LIST, laterOperations[LIST])).blocked).toHaveLength(many), 10_000);

test("a block is the same on all of one's devices, and hides whoever is blocked", async () => {
  const [asha, bela, chand] = [await newPerson("asha"), await newPerson("bela"), await newPerson("chand")];
  const group = await asha.tab.chats.createGroup("Roof", [bela.id, chand.id]);
  const browser = newBrowser();
  const laptop = browser.tab();
  await eventually(laptop.session.status, (status) => status.state === "signedOut");
  await signIn(laptop, asha.username);
  await connected(laptop);
  for (const tab of [bela.tab, chand.tab, laptop]) await eventually(tab.chats.detail(group), (chat) => chat != null);

  const close = asha.tab.chats.open(group);
  for (const { id } of [bela, chand]) await eventually(asha.tab.presence.people, (people) => people.get(id)?.online === true);

  await asha.tab.blocks.set(bela.id, true);
  await blocks(laptop, [bela]);

  // Blocked where there is no network, it is told when there is; and what was done elsewhere meanwhile is taken over.
  browser.online.set(false);
  await laptop.blocks.set(chand.id, true);
  await blocks(laptop, [bela, chand]);
  await asha.tab.blocks.set(bela.id, false);
  browser.online.set(true);
  for (const tab of [asha.tab, laptop]) await blocks(tab, [chand]);
  await expect(asha.tab.chats.createDirect(chand.id)).rejects.toMatchObject({ code: "user_not_found" });

  await eventually(asha.tab.presence.people, (people) => !people.has(chand.id));

  // Who types, in the order in which it is told: what the blocked one did before would have been seen by then.
  const seen = new Set<string>();
  asha.tab.presence.typing.subscribe(() => asha.tab.presence.typing.get().get(group)?.forEach((userId) => seen.add(userId)));
  chand.tab.chats.typing(group);
  await chand.tab.messages.send(group, "I typed that");
  await eventually(bela.tab.chats.detail(group), (chat) => chat?.preview?.senderId === chand.id);
  bela.tab.chats.typing(group);
  await eventually(asha.tab.presence.typing, (typing) => typing.get(group)?.includes(bela.id) ?? false);
  expect([...seen]).toEqual([bela.id]);
  expect(asha.tab.presence.people.get().has(chand.id)).toBe(false);
  close();
});

test("who is blocked keeps what cannot be delivered, and it is not tried again; both can talk when the block is taken back", async () => {
  const [asha, bela] = [await newPerson("asha"), await newPerson("bela")];
  const chatId = await asha.tab.chats.createDirect(bela.id);
  const hers = newest(bela.tab, chatId);
  await asha.tab.messages.send(chatId, "hello");
  await eventually(hers, (window) => texts(window).length === 1);

  await asha.tab.blocks.set(bela.id, true);
  await isTold(asha.tab, 1);
  const key = await bela.tab.messages.send(chatId, "answer me");
  const refused = await eventually(hers, (window) => window?.items.at(-1)?.state === "failed");
  expect(refused?.items.at(-1)).toMatchObject({ key, failure: { code: "not_reachable" } });
  await asha.tab.messages.send(chatId, "no");
  const mine = newest(asha.tab, chatId);
  const own = await eventually(mine, (window) => window?.items.at(-1)?.state === "failed");
  expect(own?.items.at(-1)?.failure?.code).toBe("blocked_by_you");

  await asha.tab.blocks.report({ userId: bela.id, chatId, reason: "harassment", note: " again and again ", messages: own?.items.slice(0, 1) ?? [] });

  await asha.tab.blocks.set(bela.id, false);
  await isTold(asha.tab, 0);
  await asha.tab.messages.retry(own?.items.at(-1)?.key ?? "");
  await eventually(hers, (window) => texts(window).includes("no"));
  await bela.tab.messages.send(chatId, "then let us talk");
  const both = await eventually(mine, (window) => texts(window).at(-1) === "then let us talk");
  expect(texts(both), "what was refused does not come later").toEqual(["hello", "no", "then let us talk"]);
});
