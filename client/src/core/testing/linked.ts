// A person's further browser, on the server of BATIYOUN_TEST_URL.

import { install, newDevice, readDevice } from "../crypto/devices/own.ts";
import { Vault } from "../crypto/vault/vault.ts";
import { Database } from "../db/database.ts";
import { systemRuntime } from "../runtime.ts";
import type { Services } from "../services.ts";
import { newBrowser, signIn, type Person } from "./people.ts";
import { eventually } from "./wait.ts";

/** Another browser of the person, which got the keys from the first one. */
export async function linked(person: Person): Promise<Services> {
  const browser = newBrowser();
  const tab = browser.tab();
  await eventually(tab.session.status, (status) => status.state === "signedOut");
  await signIn(tab, person.username);
  await eventually(tab.keys.state, (keys) => keys.state === "elsewhere");
  await browser.closeTab(tab);
  const [theirs, ours] = [new Database(person.id, person.browser.database), new Database(person.id, browser.database)];
  const keys = await readDevice(await Vault.open(theirs));
  if (!keys) throw new Error("no keys to pass on");
  const vault = await Vault.open(ours);
  await install(ours, vault, await newDevice(keys, { me: person.id, name: "Second", runtime: systemRuntime }), { depose: false, instead: undefined });
  theirs.close();
  ours.close();
  return browser.tab();
}
