import { expect, test } from "vitest";

import { newestOf, successorOf } from "./successors.ts";

const CHAT = "01a2065a-2ec8-74a9-b29e-b78b7e44f043";
const old = (id: string) => ({ id, encryption: "none" as const });
const sealed = (id: string) => ({ id, encryption: "mls" as const });

test("the encrypted group has one id for everybody, which no other group has", async () => {
  const after = await successorOf(old(CHAT));
  expect(after).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(after).toBe(await successorOf(old(CHAT)));
  expect(after).not.toBe(CHAT);
  expect(await successorOf(old("01a2065a-2ec8-74a9-b29e-5ea1ed0c4a75"))).toBe("01a2065a-2ec8-74a9-b29e-000000000000");
});

test("what follows on an encrypted chat is what the server says, and never a chat before it", async () => {
  // The same vector as in tests/server/test_successors.py.
  expect(await successorOf(sealed("01900000-0000-7000-8000-000000000000"))).toBe("d277a913-698a-8a80-9d31-b09e75b1ab06");
  const ids = [CHAT, await successorOf(old(CHAT))];
  for (let round = 0; round < 50; round += 1) ids.push(await successorOf(sealed(ids.at(-1) ?? "")));
  expect(new Set(ids).size).toBe(ids.length);
});

test("of several chats with a person the last of them goes on", async () => {
  const first = sealed(CHAT);
  const second = sealed(await successorOf(first));
  const third = sealed(await successorOf(second));
  expect(await newestOf([second, third, first])).toBe(third);
  expect(await newestOf([first])).toBe(first);
  expect(await newestOf([])).toBeUndefined();
});
