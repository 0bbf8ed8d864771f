import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { OutboxRow } from "../db/schema.ts";
import { ApiError } from "../errors.ts";
import { due, judge } from "./outbox.ts";

function row(chatId: string, order: number, nextAt = 0): OutboxRow {
  const sealed = { content: "x", iv: null, encrypted: false, type: "text", metadata: {}, mls: null, notify: true };
  const clientId = `${chatId}${order}`;
  return { clientId, key: clientId, chatId, order, sealed, attempts: 0, posted: false, nextAt, state: "waiting" };
}

const error = (init: { code?: string; status?: number; retryable?: boolean; retryAfter?: number }): ApiError =>
  new ApiError({ code: "x", message: "Sentence.", ...init });

describe("what is due", () => {
  test("the first of every chat that is not busy, oldest writing first", () => {
    const heads = [row("a", 3), row("b", 1), row("c", 2)];
    expect(due(heads, new Set(["c"]), 100, 0).ready.map((each) => each.chatId)).toEqual(["b", "a"]);
  });

  test("a chat that is held back holds back itself only", () => {
    expect(due([row("a", 1, 500), row("b", 2)], new Set(), 100, 0)).toMatchObject({
      ready: [{ chatId: "b" }],
      wakeAt: 500,
    });
  });

  test("a pause holds back all", () => {
    expect(due([row("a", 1), row("b", 2, 900)], new Set(), 100, 700)).toEqual({ ready: [], wakeAt: 700 });
  });

  test("nothing waits: nothing wakes", () => {
    expect(due([], new Set(), 100, 0)).toEqual({ ready: [], wakeAt: null });
  });
});

describe("what an error means", () => {
  test.each([
    ["no network", ApiError.local("offline")],
    ["no answer in time", ApiError.local("timeout")],
    ["an answer that says nothing", ApiError.local("bad_answer")],
    ["a full queue", error({ code: "busy", status: 503, retryable: true })],
    ["a mistake of the server", error({ code: "internal", status: 500 })],
    ["a slow upload", error({ status: 408 })],
  ])("%s holds back the chat, and the server may have the message", (_, problem) => {
    expect(judge(problem, 1, 0.5)).toMatchObject({ do: "later", holds: "chat", posted: true });
  });

  test.each([error({ status: 401 }), error({ code: "unauthenticated" }), error({ code: "invalid_token" })])(
    "no session: everything waits for a new sign-in (%s)",
    (problem) => {
      expect(judge(problem, 1, 0.5)).toMatchObject({ do: "later", holds: "session", posted: false });
    },
  );

  test("too fast: everything waits as long as the server says", () => {
    const verdict = judge(error({ status: 429, retryAfter: 30 }), 1, 0.5);
    expect(verdict).toEqual({ do: "later", holds: "all", posted: false, wait: 30_000 });
    expect(judge(error({ code: "rate_limited", retryAfter: 2 }), 1, 0)).toMatchObject({ holds: "all", wait: 2_000 });
  });

  test.each([400, 403, 404, 409, 413, 422])("a clear no (%i) fails the message", (status) => {
    const failure = { code: "x", message: "Sentence." };
    expect(judge(error({ status }), 1, 0.5)).toEqual({ do: "fail", failure });
  });

  test("waiting grows with the attempts and never exceeds a minute", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const verdict = judge(ApiError.local("offline"), attempt, random);
        if (verdict.do !== "later") throw new Error("it failed");
        expect(verdict.wait).toBeGreaterThanOrEqual(Math.min(60_000, 1_000 * 2 ** (attempt - 1)) / 2);
        expect(verdict.wait).toBeLessThanOrEqual(Math.min(60_000, 1_000 * 2 ** (attempt - 1)));
      }),
    );
  });
});
