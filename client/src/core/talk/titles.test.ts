import * as fc from "fast-check";
import { expect, test } from "vitest";

import type { Role } from "../db/schema.ts";
import { titleOf, type Naming } from "./titles.ts";

const ROLES: Record<string, Role> = { asha: "owner", bala: "admin", chand: "member" };
const roleOf = (userId: string): Role | undefined => ROLES[userId];
const names = (senderId: string, name: string, order: number, more: { again?: true } = {}): Naming => ({
  key: `c/${senderId}/${order}`,
  chatId: "c",
  order,
  senderId,
  failure: null,
  body: { t: "name", name, ...more },
});

test("nobody has named it", () => {
  expect(titleOf([], roleOf)).toBeNull();
});

test("the newest name of somebody who may give one holds", () => {
  const rows = [names("asha", "Roof", 1), names("bala", "Terrace", 5), names("chand", "Chand's place", 9)];
  expect(titleOf(rows, roleOf)).toBe("Terrace");
});

test("a name that could not be sent does not hold", () => {
  const failed = { ...names("asha", "Never", 9), failure: { code: "forbidden", message: "No." } };
  expect(titleOf([names("asha", "Roof", 1), failed], roleOf)).toBe("Roof");
});

test("what was said again late does not undo a new name", () => {
  const rows = [names("asha", "Roof", 1), names("bala", "Terrace", 2), names("asha", "Roof", 3, { again: true })];
  expect(titleOf(rows, roleOf)).toBe("Terrace");
});

test("a newcomer believes whoever let them in, until somebody who may gives another", () => {
  const heard = [names("chand", "Roof", 4, { again: true })];
  expect(titleOf(heard, roleOf)).toBe("Roof");
  expect(titleOf([...heard, names("chand", "Chand's place", 5)], roleOf)).toBe("Roof");
  expect(titleOf([...heard, names("asha", "Terrace", 6)], roleOf)).toBe("Terrace");
});

test("who named it and is gone is believed as long as nobody else has", () => {
  expect(titleOf([names("gone", "Roof", 1)], roleOf)).toBe("Roof");
});

test("it does not depend on the order in which rows came", () => {
  const rows = [
    names("asha", "One", 1),
    names("chand", "Two", 2),
    names("bala", "Three", 3),
    names("asha", "Four", 4, { again: true }),
    names("gone", "Five", 5),
    names("chand", "Six", 6, { again: true }),
  ];
  const shuffled = fc.shuffledSubarray(rows, { minLength: rows.length });
  fc.assert(
    fc.property(shuffled, (some) => {
      expect(titleOf(some, roleOf)).toBe("Three");
    }),
  );
});
