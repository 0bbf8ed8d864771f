import { describe, expect, test } from "vitest";

import { ApiError } from "../errors.ts";
import { envelope } from "../testing/envelopes.ts";
import { clientEvents, parse, parseAck, serverEvents } from "./index.ts";

describe("events of the server", () => {
  test("a good envelope passes unchanged", () => {
    expect(parse(serverEvents.new_message, [envelope(3)], "new_message")).toEqual([envelope(3)]);
  });

  test.each([
    ["a seq that is no whole number", { seq: 1.5 }],
    ["a seq that is text", { seq: "3" }],
    ["a kind that we do not know", { kind: "poem" }],
    ["a time that is none", { timestamp: "now" }],
    ["content that is missing", { content: undefined }],
    ["metadata that is a list", { metadata: "no" }],
  ])("%s is refused", (_, change) => {
    const wrong = { ...envelope(3), ...change };
    expect(() => parse(serverEvents.new_message, [wrong], "new_message")).toThrow(ApiError);
  });

  test("the error names the field, for the log", () => {
    const wrong = [{ ...envelope(3), seq: "3" }];
    expect(() => parse(serverEvents.new_message, wrong, "new_message")).toThrow(
      expect.objectContaining({
        code: "bad_answer",
        cause: expect.objectContaining({ message: expect.stringContaining("0.seq") as string }) as Error,
      }) as ApiError,
    );
  });

  test("ids come first, details second", () => {
    const details = { chatId: "c", userId: "u" };
    expect(parse(serverEvents.user_typing, ["u", details], "user_typing")).toEqual(["u", details]);
    expect(() => parse(serverEvents.user_typing, [details], "user_typing")).toThrow(ApiError);
  });
});

describe("acknowledgements", () => {
  const sent = { ok: true, id: "i", seq: 4, timestamp: "2026-01-01T00:00:00.000000Z" };

  test("a good one is its value", () => {
    expect(parseAck(clientEvents.send_message.ack, sent, "send_message")).toEqual(sent);
  });

  test("a refusal becomes the error it carries", () => {
    const refusal = { ok: false, error: { code: "rate_limited", message: "Slow down.", retryable: false, retryAfter: 2 } };
    expect(() => parseAck(clientEvents.send_message.ack, refusal, "send_message")).toThrow(
      expect.objectContaining({ code: "rate_limited", message: "Slow down.", retryAfter: 2 }),
    );
  });

  test.each([[undefined], [null], [{}], [{ ok: false }], [{ ...sent, seq: null }]])("%j is neither", (answer) => {
    expect(() => parseAck(clientEvents.send_message.ack, answer, "send_message")).toThrow(
      expect.objectContaining({ code: "bad_answer", retryable: true }),
    );
  });
});
