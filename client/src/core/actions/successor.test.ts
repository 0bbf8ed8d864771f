import { expect, test } from "vitest";

import { successorOf } from "./successor.ts";

const CHAT = "01a2065a-2ec8-74a9-b29e-b78b7e44f043";

test("the encrypted group has one id for everybody, which no other group has", () => {
  const after = successorOf(CHAT);
  expect(after).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(after).toBe(successorOf(CHAT));
  expect(after).not.toBe(CHAT);
  expect(successorOf("01a2065a-2ec8-74a9-b29e-5ea1ed0c4a75")).toBe("01a2065a-2ec8-74a9-b29e-000000000000");
});
