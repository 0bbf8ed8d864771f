import { expect, test } from "vitest";

import { systemRuntime, uuid7 } from "./runtime.ts";

test("the example of RFC 9562, appendix A.6", () => {
  const chance = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  expect(uuid7(1645557742000, chance)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
});

test("later ids sort after earlier ones", () => {
  const chance = new Uint8Array(10);
  const ids = [0, 1, 255, 256, 65_536, 1_645_557_742_000, 2 ** 47].map((millis) => uuid7(millis, chance));
  expect(ids.toSorted()).toEqual(ids);
});

test("ids are unique and of version 7", () => {
  const ids = Array.from({ length: 1_000 }, () => systemRuntime.newId());
  const first = ids[0] ?? "";
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Math.abs(parseInt(first.replaceAll("-", "").slice(0, 12), 16) - Date.now())).toBeLessThan(10_000);
});
