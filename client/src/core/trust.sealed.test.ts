// Whose keys these are, on a real server with encryption: two who compare, somebody who starts over, and an invitation.

import { expect, test } from "vitest";

import { Proof } from "./identity/proof.ts";
import type { PersonTrust, Services } from "./services.ts";
import { linked } from "./testing/linked.ts";
import { newest, newPerson, PASSWORD, texts, type Person } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";

const ready = (tab: Services) => eventually(tab.keys.state, (keys) => keys.state === "ready");
const says = (tab: Services, chatId: string, text: string) =>
  eventually(newest(tab, chatId), (window) => texts(window).at(-1) === text);
const believes = (tab: Services, other: Person, state: PersonTrust["state"]) =>
  eventually(tab.trust.people, (people) => people?.get(other.id)?.state === state);

async function twoPeople(): Promise<[Person, Person]> {
  const [asha, bela] = [await newPerson("asha"), await newPerson("bela")];
  for (const each of [asha, bela]) await ready(each.tab);
  return [asha, bela];
}

async function linkOf(person: Person, single: boolean) {
  const link = await person.tab.trust.invitation(single);
  if (!link) throw new Error("the link carries no keys");
  return link;
}

/** The lines that tell of keys. */
async function told(tab: Services, chatId: string): Promise<string[]> {
  const window = await eventually(newest(tab, chatId), (it) => it !== undefined);
  return (window?.items ?? []).flatMap(({ body }) => (body.t === "system" && body.event.what === "keys" ? [body.event.news] : []));
}

test("test_48_both_see_one_number, and who starts over is believed only when the other says so", { timeout: 60_000 }, async () => {
  const [asha, bela] = await twoPeople();
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await asha.tab.messages.send(chatId, "namaste");
  await says(bela.tab, chatId, "namaste");
  await believes(asha.tab, bela, "first-seen");
  await believes(bela.tab, asha, "first-seen");
  const [hers, theirs] = [await asha.tab.trust.number(bela.id), await bela.tab.trust.number(asha.id)];
  if (!hers || !theirs) throw new Error("there is no number");
  expect(hers.groups).toEqual(theirs.groups);
  expect(await bela.tab.trust.compare(asha.id, hers.code)).toBe("same");
  await bela.tab.trust.verify(asha.id, theirs.key);
  await believes(bela.tab, asha, "verified");

  await new Proof(asha.tab).byPassword(PASSWORD);
  const before = asha.tab.keys.state.get().deviceId;
  expect(await (await asha.tab.keys.desk()).startOver()).toBeNull();
  await eventually(asha.tab.keys.state, (keys) => keys.state === "ready" && keys.deviceId !== before);
  await bela.tab.messages.send(chatId, "is it you?");
  const changed = await believes(bela.tab, asha, "changed");
  expect(changed?.get(asha.id)?.hadVerified).toBe(true);
  expect(await told(bela.tab, chatId)).toEqual(["first", "changed"]);
  const waiting = newest(bela.tab, chatId);
  await eventually(waiting, (window) => window?.items.some((each) => each.body.t === "text" && each.state === "queued") ?? false);
  expect(await bela.tab.trust.compare(asha.id, hers.code)).toBe("different");

  await bela.tab.trust.accept(asha.id);
  await eventually(waiting, (window) => window?.items.at(-1)?.seq !== null);
  await believes(bela.tab, asha, "first-seen");
  // Who has started over reads the first word that was said to the new device, and goes on as that one device.
  await says(asha.tab, chatId, "is it you?");
  const devices = await (await asha.tab.keys.desk()).devices();
  expect(devices.map((each) => each.id)).toEqual([asha.tab.keys.state.get().deviceId]);
});

test("an invitation's link names its maker's keys: those are known at once, others warn", { timeout: 60_000 }, async () => {
  const [asha, bela] = await twoPeople();
  const { fragment, mutual } = await linkOf(asha, false);
  expect(fragment).toMatch(/^k1\.[\w-]{43}$/);
  expect(mutual).toBe(false);
  const chatId = await bela.tab.invitations.open(asha.id, fragment);
  await bela.tab.messages.send(chatId, "thank you for the link");
  await says(asha.tab, chatId, "thank you for the link");
  await believes(bela.tab, asha, "verified");

  const chitra = await newPerson("chitra");
  await ready(chitra.tab);
  const there = await chitra.tab.invitations.open(asha.id, (await linkOf(bela, false)).fragment);
  await chitra.tab.messages.send(there, "is this asha?");
  await believes(chitra.tab, asha, "changed");
  const last = await eventually(newest(chitra.tab, there), (window) => window?.items.at(-1)?.kind === "message");
  expect(last?.items.at(-1)).toMatchObject({ body: { text: "is this asha?" }, state: "queued" });
});

test("a link for one person makes both known to each other, on all devices of its maker, and nobody who comes after", { timeout: 120_000 }, async () => {
  const [asha, bela] = await twoPeople();
  const second = await linked(asha);
  const { fragment, mutual } = await linkOf(asha, true);
  expect(fragment).toMatch(/^k2\.[\w-]{86}$/);
  expect(mutual).toBe(true);

  const chatId = await bela.tab.invitations.open(asha.id, fragment);
  await believes(bela.tab, asha, "verified");
  await believes(asha.tab, bela, "verified");
  await believes(second, bela, "verified");
  // What proves it is shown nowhere and is no news.
  await bela.tab.messages.send(chatId, "thank you for the link");
  const window = await says(asha.tab, chatId, "thank you for the link");
  expect(window?.items.filter((each) => each.kind === "message")).toHaveLength(1);
  await eventually(asha.tab.chats.list(), (all) => all?.find((chat) => chat.id === chatId)?.unread === 1);

  // A mark that was taken away does not come back, whatever is looked at again.
  await asha.tab.trust.unverify(bela.id);
  await bela.tab.invitations.open(asha.id, fragment);
  await bela.tab.messages.send(chatId, "again");
  await says(asha.tab, chatId, "again");
  await believes(asha.tab, bela, "first-seen");

  const chitra = await newPerson("chitra");
  await ready(chitra.tab);
  const there = await chitra.tab.invitations.open(asha.id, fragment);
  await chitra.tab.messages.send(there, "I have it from bela");
  await says(asha.tab, there, "I have it from bela");
  await believes(chitra.tab, asha, "verified");
  await believes(asha.tab, chitra, "first-seen");
});
