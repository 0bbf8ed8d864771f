import { beforeEach, describe, expect, test } from "vitest";

import { FakeRuntime } from "../testing/runtime.ts";
import { PresenceBoard, TypingThrottle, TYPING_SHOWN } from "./presence.ts";

let runtime: FakeRuntime;
let board: PresenceBoard;

beforeEach(() => {
  runtime = new FakeRuntime();
  board = new PresenceBoard(runtime);
});

const typing = (): Record<string, readonly string[]> => Object.fromEntries(board.typing.get());

describe("typing", () => {
  test("is shown while it is repeated, and a little longer", () => {
    board.types("chat", "asha");
    runtime.advance(TYPING_SHOWN - 1);
    board.types("chat", "asha");
    runtime.advance(TYPING_SHOWN - 1);
    expect(typing()).toEqual({ chat: ["asha"] });
    runtime.advance(1);
    expect(typing()).toEqual({});
  });

  test("ends with the message, with leaving, and with the connection", () => {
    for (const user of ["asha", "bela", "chitra"]) board.types("chat", user);
    board.stopped("chat", "asha");
    expect(typing()).toEqual({ chat: ["bela", "chitra"] });
    board.offline("bela", 5);
    expect(typing()).toEqual({ chat: ["chitra"] });
    board.clear();
    expect(typing()).toEqual({});
    runtime.advance(TYPING_SHOWN);
    expect(typing()).toEqual({});
  });

  test("what did not change is the same object", () => {
    board.types("chat", "asha");
    const before = board.typing.get();
    board.types("chat", "asha");
    board.stopped("chat", "nobody");
    expect(board.typing.get()).toBe(before);
  });
});

test("people are online, or were", () => {
  board.online("asha");
  board.offline("bela", 7);
  expect(Object.fromEntries(board.people.get())).toEqual({
    asha: { online: true, lastSeen: null },
    bela: { online: false, lastSeen: 7 },
  });
});

test("one sign of typing per chat goes out every two seconds, and a new message begins anew", () => {
  const throttle = new TypingThrottle();
  expect(throttle.allow("a", 0)).toBe(true);
  expect(throttle.allow("b", 0)).toBe(true);
  expect(throttle.allow("a", 1_999)).toBe(false);
  expect(throttle.allow("a", 2_000)).toBe(true);
  throttle.forget("a");
  expect(throttle.allow("a", 2_001)).toBe(true);
});

test("of who is blocked nothing is shown, from that moment on", () => {
  board.online("asha");
  board.online("bela");
  board.types("chat", "asha");
  board.types("chat", "bela");
  board.hush(new Set(["asha"]));
  expect(typing()).toEqual({ chat: ["bela"] });
  expect([...board.people.get().keys()]).toEqual(["bela"]);
  board.types("chat", "asha");
  board.online("asha");
  board.offline("asha", 1);
  expect(typing()).toEqual({ chat: ["bela"] });
  expect(board.people.get().has("asha")).toBe(false);
  board.hush(new Set());
  board.online("asha");
  expect(board.people.get().has("asha")).toBe(true);
});
