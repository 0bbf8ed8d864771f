import { describe, expect, it } from "vitest";

import type { Role } from "@/core/services.ts";

import { actionsOn, mayManage, type MemberAction } from "./rights.ts";

describe("actionsOn", () => {
  it.each<[Role, Role, MemberAction[]]>([
    ["owner", "admin", ["makeMember", "makeOwner", "remove"]],
    ["owner", "member", ["makeAdmin", "makeOwner", "remove"]],
    ["admin", "member", ["remove"]],
    ["admin", "admin", []],
    ["admin", "owner", []],
    ["member", "member", []],
    ["member", "admin", []],
    ["member", "owner", []],
  ])("%s to %s", (mine, theirs, actions) => {
    expect(actionsOn(mine, theirs)).toEqual(actions);
  });
});

describe("mayManage", () => {
  it.each<[Role, boolean]>([
    ["owner", true],
    ["admin", true],
    ["member", false],
  ])("%s: %s", (role, may) => {
    expect(mayManage(role)).toBe(may);
  });
});
