import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Role, SystemEvent } from "../db/schema.ts";
import { givenIn, pictureOf, timerOf, titleOf, type Naming, type View } from "./titles.ts";

const ROLES: Record<string, Role> = { asha: "owner", bala: "admin", chand: "member" };
const view = (roles: Record<string, Role> = ROLES, me = "me"): View => ({ me, roleOf: (userId) => roles[userId] });
const VIEW = view();

const row = (senderId: string, order: number, body: Naming["body"]): Naming => ({
  key: `c/${senderId}/${order}`,
  chatId: "c",
  order,
  senderId,
  failure: null,
  body,
});
const names = (senderId: string, name: string, order: number, more: { again?: true } = {}): Naming =>
  row(senderId, order, { t: "name", name, ...more });
const event = (senderId: string, order: number, what: SystemEvent): Naming => row(senderId, order, { t: "system", event: what });
const makes = (senderId: string, order: number, userId: string, role: Role): Naming =>
  event(senderId, order, { what: "role", userIds: [userId], role });

test("nobody has named it", () => {
  expect(titleOf([], VIEW)).toBeNull();
});

test("the newest name of somebody who may give one holds", () => {
  const rows = [names("asha", "Roof", 1), names("bala", "Terrace", 5), names("chand", "Chand's place", 9)];
  expect(titleOf(rows, VIEW)).toBe("Terrace");
  expect(givenIn(rows, VIEW).map(({ senderId }) => senderId)).toEqual(["asha", "bala"]);
});

test("a name that could not be sent does not hold", () => {
  const failed = { ...names("asha", "Never", 9), failure: { code: "forbidden", message: "No." } };
  expect(titleOf([names("asha", "Roof", 1), failed], VIEW)).toBe("Roof");
});

test("a member names nothing, whoever else is there or gone", () => {
  expect(titleOf([names("chand", "Evil", 2)], VIEW)).toBeNull();
  const left = [names("asha", "Roof", 1), names("chand", "Evil", 2), event("asha", 3, { what: "left", ownerId: "bala" })];
  expect(titleOf(left, view({ bala: "owner", chand: "member" }))).toBe("Roof");
});

describe("the role that counts is the one at that place of the log", () => {
  test("an admin's name holds after they are none any more", () => {
    const rows = [names("asha", "Roof", 1), makes("asha", 2, "dev", "admin"), names("dev", "Terrace", 3), makes("asha", 4, "dev", "member")];
    expect(titleOf(rows, view({ asha: "owner", dev: "member" }))).toBe("Terrace");
    expect(titleOf(rows.slice(2), view({ asha: "owner", dev: "member" })), "known from the change alone").toBe("Terrace");
  });

  test("what a member said before they became an admin does not", () => {
    const rows = [names("asha", "Roof", 1), names("dev", "Dev's place", 2), makes("asha", 3, "dev", "admin")];
    expect(titleOf(rows, view({ asha: "owner", dev: "admin" }))).toBe("Roof");
  });

  test("who hands the group on may name it before and after", () => {
    const rows = [names("asha", "Roof", 1), makes("asha", 2, "bala", "owner"), names("asha", "Terrace", 3)];
    expect(givenIn(rows, view({ asha: "member", bala: "owner" }))).toHaveLength(2);
  });

  test("who takes it over because the owner left may name it", () => {
    const rows = [event("asha", 1, { what: "left", ownerId: "chand" }), names("chand", "Terrace", 2), makes("chand", 3, "bala", "owner")];
    expect(titleOf(rows, view({ bala: "owner", chand: "member" }))).toBe("Terrace");
  });

  test("who was let in again is a member", () => {
    const rows = [names("bala", "Roof", 1), event("asha", 5, { what: "added", userIds: ["bala"] }), names("bala", "Evil", 6)];
    expect(givenIn(rows, view({ asha: "owner", bala: "member" }))).toHaveLength(0);
  });
});

describe("what is said again for newcomers", () => {
  test("does not undo a new name", () => {
    const rows = [names("asha", "Roof", 1), names("bala", "Terrace", 2), names("asha", "Roof", 3, { again: true })];
    expect(titleOf(rows, VIEW)).toBe("Terrace");
  });

  test("is believed of whoever lets them in, and not of the next one", () => {
    const heard = [event("asha", 3, { what: "added", userIds: ["me"] }), names("chand", "Roof", 4, { again: true })];
    expect(titleOf(heard, VIEW)).toBe("Roof");
    expect(titleOf([...heard, names("chand", "Evil", 5, { again: true }), names("chand", "Evil", 6)], VIEW)).toBe("Roof");
    expect(titleOf([...heard, names("asha", "Terrace", 6)], VIEW)).toBe("Terrace");
  });

  test("counts for more than what one heard before one went away", () => {
    const rows = [names("asha", "Roof", 1), event("asha", 8, { what: "added", userIds: ["me"] }), names("bala", "Terrace", 9, { again: true })];
    expect(titleOf(rows, VIEW)).toBe("Terrace");
    expect(titleOf(rows.slice(0, 2), VIEW)).toBe("Roof");
  });
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
      expect(titleOf(some, VIEW)).toBe("Three");
    }),
  );
});

test("a group looks as one of its admins said last, and as nothing of what they said of it else", () => {
  const picture = (senderId: string, image: string, order: number, more: { again?: true } = {}): Naming =>
    row(senderId, order, { t: "picture", image, ...more });
  const rows = [names("asha", "Roof", 1), picture("bala", "UklGRone", 2), picture("chand", "UklGRtwo", 3), names("asha", "Terrace", 4)];
  expect(pictureOf(rows, VIEW)).toBe("UklGRone");
  expect(titleOf(rows, VIEW)).toBe("Terrace");
  expect(pictureOf([...rows, picture("asha", "", 5)], VIEW)).toBe("");
  expect(pictureOf(rows.slice(0, 1), VIEW)).toBeNull();
  expect(pictureOf([event("asha", 8, { what: "added", userIds: ["me"] }), picture("bala", "UklGRone", 9, { again: true })], VIEW)).toBe("UklGRone");
});

describe("how long messages last", () => {
  const timer = (senderId: string, lasts: number, order: number, more: { again?: true } = {}): Naming =>
    row(senderId, order, { t: "timer", lasts, ...more });

  test("is what an admin of the group said last, and nothing of what it is called", () => {
    const rows = [names("asha", "Roof", 1), timer("bala", 60, 2), timer("chand", 1, 3), names("asha", "Terrace", 4)];
    expect(timerOf(rows, VIEW)).toBe(60);
    expect(titleOf(rows, VIEW)).toBe("Terrace");
    expect(timerOf([...rows, timer("asha", 0, 5)], VIEW)).toBe(0);
    expect(timerOf(rows.slice(0, 1), VIEW)).toBeNull();
  });

  test("is for both to say in a direct chat", () => {
    expect(timerOf([timer("asha", 60, 1), timer("chand", 3_600, 2)], { ...VIEW, everybody: true })).toBe(3_600);
  });

  test("is heard again by who was let in, whatever held before they went away", () => {
    const rows = [timer("asha", 60, 1), event("asha", 8, { what: "added", userIds: ["me"] }), timer("bala", 0, 9, { again: true })];
    expect(timerOf(rows, VIEW)).toBe(0);
    expect(timerOf(rows.slice(0, 2), VIEW)).toBe(60);
  });

  test("does not depend on the order in which rows came, or on how often", () => {
    const rows = [timer("asha", 60, 1), timer("chand", 1, 2), timer("bala", 3_600, 3), timer("asha", 5, 4, { again: true })];
    const shuffled = fc.shuffledSubarray([...rows, ...rows], { minLength: rows.length * 2 });
    fc.assert(
      fc.property(shuffled, (some) => {
        expect(timerOf(some, VIEW)).toBe(3_600);
      }),
    );
  });
});

describe("a device that came in from outside believes what is said again", () => {
  const again = (senderId: string, name: string, order: number): Naming => names(senderId, name, order, { again: true });

  test("by its own person and by who may give a name, over whoever was first", () => {
    expect(titleOf([again("chand", "Hole", 4), again("me", "Roof", 5)], VIEW)).toBe("Roof");
    expect(titleOf([again("chand", "Hole", 4), again("asha", "Roof", 5)], VIEW)).toBe("Roof");
    expect(titleOf([again("asha", "Roof", 4), again("chand", "Hole", 5)], VIEW)).toBe("Roof");
  });

  test("the newest of those: it may have been named anew in between", () => {
    expect(titleOf([again("me", "Roof", 4), again("bala", "Terrace", 9)], VIEW)).toBe("Terrace");
    expect(titleOf([again("me", "Roof", 4), names("asha", "Terrace", 6), again("me", "Roof", 9)], VIEW)).toBe("Terrace");
  });
});
