// Talk for whoever then searches all that the server has kept and passed on: what must not be found, and what must.
// BATIYOUN_TEST_TALK says how many envelopes there are to be, BATIYOUN_TEST_FOUND where to write what to look for.

import { writeFile } from "node:fs/promises";

import { expect, test } from "vitest";

import type { SigningKey } from "./crypto/mls/identity.ts";
import { Vault } from "./crypto/vault/vault.ts";
import { Database } from "./db/database.ts";
import type { Services } from "./services.ts";
import { newest, newPerson, texts, type Person } from "./testing/people.ts";
import { eventually } from "./testing/wait.ts";

const ENVELOPES = Number(process.env["BATIYOUN_TEST_TALK"] ?? 60);
/** Envelopes of one round: everybody says one thing everywhere. */
const ROUND = 6;
/** Envelopes of one group: the IndexedDB of these tests walks a whole chat for each of its windows, browsers do not. */
const CHAPTER = 50 * ROUND;
const PATIENCE = 3_000_000;

/** The private halves that this browser keeps, as they are in its vault. */
async function secretsOf({ browser, id }: Person): Promise<Uint8Array[]> {
  const db = new Database(id, browser.database);
  const vault = await Vault.open(db);
  const { identity, signer } = (await vault.read("device")) as unknown as Record<"identity" | "signer", SigningKey>;
  const packages = await Promise.all((await vault.keys("package/")).map((key) => vault.read(key)));
  const initKeys = packages.map((own) => (own as unknown as { initKey: Uint8Array }).initKey);
  db.close();
  return [identity.secret, signer.secret, ...initKeys];
}

const hears = (tab: Services, chatId: string, words: string) =>
  eventually(newest(tab, chatId), (window) => texts(window).includes(words), 60_000);

test("three people talk", { timeout: PATIENCE }, async () => {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  const chitra = await newPerson("chitra");
  const everybody = [asha, bela, chitra];
  const said: string[] = [];
  /** Words that come up nowhere else, in two scripts. */
  const words = (): string => {
    const rare = crypto.randomUUID();
    said.push(rare, `गुप्त ${said.length} शब्द`);
    return `${rare} ${said.at(-1)}`;
  };
  const say = async ({ tab }: Person, chatId: string): Promise<string> => {
    const text = words();
    await tab.messages.send(chatId, text);
    return text;
  };

  const direct = await asha.tab.chats.createDirect(bela.id);
  await hears(bela.tab, direct, await say(asha, direct));
  const other = await asha.tab.chats.createDirect(chitra.id);
  await hears(chitra.tab, other, await say(asha, other));
  const gather = async (): Promise<string> => {
    const chatId = await bela.tab.chats.createGroup(words(), [asha.id, chitra.id]);
    const first = await say(bela, chatId);
    await hears(asha.tab, chatId, first);
    await hears(chitra.tab, chatId, first);
    return chatId;
  };
  let group = await gather();
  let [inPairs, among] = [direct, other];

  for (let sent = 3; sent < ENVELOPES; sent += ROUND) {
    if (sent > CHAPTER && sent % CHAPTER < ROUND) {
      group = await gather();
      [inPairs, among] = [group, group];
    }
    const round: Promise<string>[] = everybody.map((person) => say(person, group));
    round.push(say(asha, inPairs), say(bela, inPairs), say(chitra, among));
    const [one, two, three] = await Promise.all(round);
    await hears(chitra.tab, group, one ?? "");
    await hears(asha.tab, group, two ?? "");
    await hears(bela.tab, group, three ?? "");
  }
  for (const { tab } of everybody) {
    const waits = (): Promise<number> => tab.session.unsent();
    await expect.poll(waits, { timeout: 120_000 }).toBe(0);
  }

  const keys = (await Promise.all(everybody.map(secretsOf))).flat();
  expect(keys.length).toBeGreaterThan(everybody.length * 20);
  const items = newest(asha.tab, group, 20);
  const visible = (await eventually(items, (window) => (window?.items.length ?? 0) > 0))?.items ?? [];
  const report = {
    said,
    keys: keys.map((key) => Buffer.from(key).toString("base64")),
    // The control: these did go through the server, so whoever does not find them has not searched.
    open: visible.map((item) => item.clientId),
  };
  const where = process.env["BATIYOUN_TEST_FOUND"];
  if (where) await writeFile(where, JSON.stringify(report));
  expect(said.length).toBeGreaterThanOrEqual(Math.min(ENVELOPES, 60));
});
