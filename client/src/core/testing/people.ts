// People with browsers, on the server of BATIYOUN_TEST_URL.

import { onTestFinished } from "vitest";

import type { CryptoFactory } from "../crypto/interface.ts";
import { Entrance } from "../identity/entrance.ts";
import type { Live } from "../live.ts";
import type { Connection, MessageWindow, Services } from "../services.ts";
import { FakeBrowser } from "./browser.ts";
import { eventually } from "./wait.ts";

const SERVER = process.env["BATIYOUN_TEST_URL"] ?? "";
export const PASSWORD = "a long password";

/** A browser that is closed when the test ends. */
export function newBrowser(): FakeBrowser {
  const browser = new FakeBrowser(SERVER);
  onTestFinished(() => browser.close());
  return browser;
}

export interface Person {
  browser: FakeBrowser;
  tab: Services;
  id: string;
  username: string;
}

let people = 0;

/** Somebody new, signed up and connected; `crypto`: other than the product's own. */
export async function newPerson(name: string, crypto?: CryptoFactory): Promise<Person> {
  const browser = newBrowser();
  if (crypto) browser.crypto = crypto;
  const tab = browser.tab();
  people += 1;
  const username = `${name}-${Date.now().toString(36)}-${process.pid}-${people}`;
  await eventually(tab.session.status, (status) => status.state === "signedOut");
  await new Entrance(tab).signUp({ email: `${username}@example.org`, username, password: PASSWORD });
  await connected(tab);
  const status = tab.session.status.get();
  if (status.state !== "signedIn") throw new Error("not signed in");
  return { browser, tab, id: status.me.id, username };
}

/** Signs somebody in again, in another tab or browser. */
export const signIn = (tab: Services, username: string): Promise<void> => new Entrance(tab).signIn(username, PASSWORD);

export const connected = (tab: Services): Promise<Connection> =>
  eventually(tab.connection, (it) => it.state === "online" && !it.syncing);

/** The end of a chat. */
export const newest = (tab: Services, chatId: string, limit = 200): Live<MessageWindow | undefined> =>
  tab.messages.window(chatId, { at: "end", limit });

/** What people said, and what was left of it; not the lines that this browser wrote by itself. */
export const texts = (window: MessageWindow | undefined): string[] =>
  (window?.items ?? [])
    .filter((item) => item.body.t !== "system")
    .map((item) => (item.body.t === "text" ? item.body.text : item.body.t));
