// A person's second browser, on a real server with encryption: linked, restored, started over, removed.

import { expect, test } from "vitest";

import type { Services } from "./services.ts";
import { FakeBrowser } from "./testing/browser.ts";
import { connected, newBrowser, newest, newPerson, PASSWORD, signIn, texts, type Person } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";
import { Proof } from "./identity/proof.ts";

const keysAre = (tab: Services, state: string) => eventually(tab.keys.state, (keys) => keys.state === state);
const says = (tab: Services, chatId: string, text: string) =>
  eventually(newest(tab, chatId), (window) => texts(window).at(-1) === text);

/** Another browser of the person, whose keys are elsewhere. */
async function secondBrowser(person: Person): Promise<{ browser: FakeBrowser; tab: Services }> {
  const browser = newBrowser();
  const tab = browser.tab();
  await eventually(tab.session.status, (status) => status.state === "signedOut");
  await signIn(tab, person.username);
  await connected(tab);
  await keysAre(tab, "elsewhere");
  return { browser, tab };
}

/** Two people who have talked. */
async function talking(): Promise<{ asha: Person; bela: Person; chatId: string }> {
  const [asha, bela] = [await newPerson("asha"), await newPerson("bela")];
  for (const each of [asha, bela]) await keysAre(each.tab, "ready");
  const chatId = await asha.tab.chats.createDirect(bela.id);
  await eventually(bela.tab.chats.list(), (chats) => chats?.some((chat) => chat.id === chatId) ?? false);
  await bela.tab.messages.send(chatId, "namaste");
  await says(asha.tab, chatId, "namaste");
  return { asha, bela, chatId };
}

async function link(from: Services, to: Services): Promise<void> {
  const waiting = await (await to.keys.desk()).askIn();
  const arrived = waiting.arrived(new AbortController().signal);
  const caller = await (await from.keys.desk()).whoAsks(waiting.code);
  expect(caller.digits).toBe(waiting.digits);
  await caller.letIn();
  await arrived;
}

async function writesAndReads(tab: Services, other: Services, chatId: string): Promise<void> {
  await tab.messages.send(chatId, "from the new one");
  await says(other, chatId, "from the new one");
  await other.messages.send(chatId, "welcome there");
  await says(tab, chatId, "welcome there");
}

test("keys are made on the first browser as soon as somebody signs up", async () => {
  const asha = await newPerson("asha");
  const { deviceId } = await keysAre(asha.tab, "ready");
  const [device] = await (await asha.tab.keys.desk()).devices();
  expect(device).toMatchObject({ id: deviceId, current: true });
  expect(asha.tab.keys.state.get()).toMatchObject({ recoveryAt: null, resetAt: null });
});

test("notes to self are one encrypted chat of one's own browsers", { timeout: 60_000 }, async () => {
  const asha = await newPerson("asha");
  await keysAre(asha.tab, "ready");
  const chatId = await asha.tab.chats.createDirect(asha.id);
  expect(await asha.tab.chats.createDirect(asha.id)).toBe(chatId);
  const chats = await eventually(asha.tab.chats.list(), (list) => list?.some((chat) => chat.id === chatId) ?? false);
  expect(chats).toEqual([expect.objectContaining({ id: chatId, encryption: "mls", partnerId: asha.id, memberCount: 1 })]);
  await asha.tab.messages.send(chatId, "the key is under the pot");
  const kept = await eventually(newest(asha.tab, chatId), (window) => window?.items.at(-1)?.state === "sent");
  expect(texts(kept)).toEqual(["the key is under the pot"]);

  const { tab } = await secondBrowser(asha);
  await link(asha.tab, tab);
  await keysAre(tab, "ready");
  await writesAndReads(tab, asha.tab, chatId);
});

test("a second browser is linked by a code, then reads and writes in every chat", { timeout: 60_000 }, async () => {
  const { asha, bela, chatId } = await talking();
  const { tab } = await secondBrowser(asha);
  await expect(tab.messages.send(chatId, "too early").then(() => eventually(newest(tab, chatId), (window) => window?.items.at(-1)?.state === "failed"))).resolves.toBeDefined();

  await link(asha.tab, tab);
  const { deviceId } = await keysAre(tab, "ready");
  expect(deviceId).not.toBe(asha.tab.keys.state.get().deviceId);
  await writesAndReads(tab, bela.tab, chatId);
  await says(asha.tab, chatId, "welcome there");
  expect(await (await asha.tab.keys.desk()).devices()).toHaveLength(2);
});

test("what was compared on one browser is compared on the other, before it came and after", { timeout: 60_000 }, async () => {
  const { asha, bela } = await talking();
  const believes = (tab: Services, state: string) =>
    eventually(tab.trust.people, (people) => people?.get(bela.id)?.state === state);
  const number = await asha.tab.trust.number(bela.id);
  if (!number) throw new Error("there is nothing to compare");
  await asha.tab.trust.verify(bela.id, number.key);
  const { tab } = await secondBrowser(asha);
  await link(asha.tab, tab);
  expect((await believes(tab, "verified"))?.get(bela.id)?.hadVerified).toBe(true);
  await tab.trust.unverify(bela.id);
  await believes(asha.tab, "first-seen");
  await asha.tab.trust.verify(bela.id, number.key);
  await believes(tab, "verified");
});

test("test_47_a code is refused when it is wrong, used, or somebody else's", { timeout: 60_000 }, async () => {
  const { asha, bela } = await talking();
  const { tab } = await secondBrowser(asha);
  const [desk, hers] = [await asha.tab.keys.desk(), await bela.tab.keys.desk()];
  await expect(desk.whoAsks("ABCD")).rejects.toMatchObject({ code: "not_a_link_code" });
  await expect(desk.whoAsks("A".repeat(20))).rejects.toMatchObject({ code: "link_unknown" });
  const waiting = await (await tab.keys.desk()).askIn();
  await expect(hers.whoAsks(waiting.code)).rejects.toMatchObject({ code: "link_unknown" });
  // Who has no keys has none to hand on.
  await expect((await tab.keys.desk()).whoAsks(waiting.code)).rejects.toMatchObject({ code: "not_linked" });
  const caller = await desk.whoAsks(waiting.code);
  await caller.letIn();
  await expect(caller.letIn()).rejects.toMatchObject({ code: "link_taken" });
  const stopped = new AbortController();
  stopped.abort(new Error("changed their mind"));
  await expect(waiting.arrived(stopped.signal)).rejects.toThrow("changed their mind");
  expect(tab.keys.state.get().state).toBe("elsewhere");
});

test("the recovery code brings the keys back, an older or wrong one does not", { timeout: 60_000 }, async () => {
  const { asha, bela, chatId } = await talking();
  const desk = await asha.tab.keys.desk();
  const [older, code] = [await desk.newCode(), await desk.newCode()];
  await desk.keepCode(older);
  await desk.keepCode(code);
  expect(asha.tab.keys.state.get().recoveryAt ?? (await eventually(asha.tab.keys.state, (keys) => keys.recoveryAt !== null))).toBeTruthy();

  const { tab } = await secondBrowser(asha);
  expect(tab.keys.state.get().recoveryAt).not.toBeNull();
  const there = await tab.keys.desk();
  for (const wrong of [older, "nonsense", code.slice(1)])
    await expect(there.restore(wrong)).rejects.toMatchObject({ code: "wrong_recovery_code" });
  await there.restore(code.toLowerCase().replaceAll("-", " "));
  await keysAre(tab, "ready");
  await writesAndReads(tab, bela.tab, chatId);
});

test("starting over waits for the other devices, any of which says no", { timeout: 60_000 }, async () => {
  const { asha } = await talking();
  const { tab } = await secondBrowser(asha);
  await new Proof(tab).byPassword(PASSWORD);
  const at = await (await tab.keys.desk()).startOver();
  expect(at).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  await eventually(tab.keys.state, (keys) => keys.state === "elsewhere" && keys.resetAt === at && keys.resetHere);
  await eventually(asha.tab.keys.state, (keys) => keys.resetAt === at && !keys.resetHere);
  await (await asha.tab.keys.desk()).keepKeys();
  await eventually(tab.keys.state, (keys) => keys.resetAt === null);
  await keysAre(tab, "elsewhere");
  await keysAre(asha.tab, "ready");
});

test("a device that was removed is signed out, and the others go on", { timeout: 60_000 }, async () => {
  const { asha, bela, chatId } = await talking();
  const { tab } = await secondBrowser(asha);
  await link(asha.tab, tab);
  const { deviceId } = await keysAre(tab, "ready");
  await new Proof(asha.tab).byPassword(PASSWORD);
  await (await asha.tab.keys.desk()).removeDevice(deviceId ?? "");
  await eventually(tab.session.status, (status) => status.state === "signedOut");
  expect(await (await asha.tab.keys.desk()).devices()).toHaveLength(1);
  await asha.tab.messages.send(chatId, "only this one now");
  await says(bela.tab, chatId, "only this one now");
});
