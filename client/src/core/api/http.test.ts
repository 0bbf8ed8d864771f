import { describe, expect, test, vi } from "vitest";

import { ApiError } from "../errors.ts";
import { errorOf } from "./http.ts";
import { Caller } from "./caller.ts";

const USER = {
  id: "01a20428-0000-7000-8000-000000000001",
  username: "asha",
  displayName: "Asha",
  avatar: null,
  bio: "",
  createdAt: "2026-01-01T00:00:00Z",
  deleted: false,
};

function http(answer: (url: string, init: RequestInit) => Response | Promise<Response>) {
  const unauthenticated = vi.fn<(error: ApiError) => void>();
  const calls: { url: string; init: RequestInit }[] = [];
  const caller = new Caller({
    base: "https://chat.example",
    unauthenticated,
    fetch: async (input, init = {}) => {
      const url = typeof input === "string" ? input : input.toString();
      calls.push({ url, init });
      return answer(url, init);
    },
  });
  return { caller, unauthenticated, calls };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });

const rejection = async (work: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`no ApiError but ${String(error)}`);
};

describe("a call", () => {
  test("fills the path, adds the query, says who it is", async () => {
    const { caller, calls } = http(() => json({ messages: [], headSeq: 0, hasMore: false }));
    await caller.call("GET /api/chats/{chat_id}/messages", { path: { chat_id: "a/b" }, query: { after: 3, before: undefined } });
    expect(calls[0]?.url).toBe("https://chat.example/api/chats/a%2Fb/messages?after=3");
    expect(calls[0]?.init).toMatchObject({ method: "GET", credentials: "same-origin" });
    expect(calls[0]?.init.headers).toMatchObject({ "x-requested-with": "batiyoun" });
  });

  test("answers the validated body, unknown fields dropped", async () => {
    const { caller } = http(() => json({ ...USER, shoeSize: 42 }));
    const user = await caller.call("GET /api/users/{user_id}", { path: { user_id: USER.id } });
    expect(user).toEqual(USER);
  });

  test("answers null where there is no body", async () => {
    const { caller } = http(() => new Response(null, { status: 204 }));
    expect(await caller.call("POST /api/auth/logout")).toBeNull();
  });

  test.each([
    ["a wrong type", { ...USER, displayName: 7 }],
    ["a missing field", { ...USER, id: undefined }],
    ["a time that is none", { ...USER, createdAt: "yesterday" }],
    ["something else", ["no"]],
  ])("refuses %s", async (_, body) => {
    const { caller } = http(() => json(body));
    const error = await rejection(caller.call("GET /api/users/{user_id}", { path: { user_id: USER.id } }));
    expect(error).toMatchObject({ code: "bad_answer", retryable: true });
  });

  test("refuses a page of a proxy that says yes", async () => {
    const { caller } = http(() => new Response("<html>Sign in to the hotel</html>"));
    expect(await rejection(caller.call("GET /api/users/me"))).toMatchObject({ code: "bad_answer" });
  });
});

describe("trouble on the way", () => {
  test("no network", async () => {
    const { caller } = http(() => Promise.reject(new TypeError("failed to fetch")));
    expect(await rejection(caller.call("GET /api/users/me"))).toMatchObject({ code: "offline", retryable: true });
  });

  test("no answer in time", async () => {
    const { caller } = http(
      (_, init) => new Promise((_resolve, reject) => init.signal?.addEventListener("abort", () => reject(new Error("aborted")))),
    );
    expect(await rejection(caller.call("GET /api/users/me", { timeout: 5 }))).toMatchObject({ code: "timeout" });
  });

  test("stopped by the caller is no error of the network", async () => {
    const stop = new AbortController();
    const { caller } = http((_, init) => {
      stop.abort(new DOMException("typed on", "AbortError"));
      return Promise.reject(init.signal?.reason as Error);
    });
    await expect(caller.call("GET /api/users/me", { signal: stop.signal })).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("what the server refuses", () => {
  test("problem details become the error", async () => {
    const problem = { type: "x", title: "T", status: 409, detail: "Taken.", code: "username_taken", fields: { username: "Taken." } };
    const { caller, unauthenticated } = http(() => json(problem, 409));
    expect(await rejection(caller.call("PATCH /api/users/me", { body: {} }))).toMatchObject({
      code: "username_taken",
      message: "Taken.",
      fields: { username: "Taken." },
      retryable: false,
      status: 409,
    });
    expect(unauthenticated).not.toHaveBeenCalled();
  });

  test("a session that is over is told; a wrong password is not that", async () => {
    const over = http(() => json({ code: "unauthenticated", detail: "Sign in." }, 401));
    await rejection(over.caller.call("GET /api/users/me"));
    expect(over.unauthenticated).toHaveBeenCalledOnce();
    const ended = http(() => json({ code: "session_revoked", detail: "Sign in again." }, 401));
    await rejection(ended.caller.call("GET /api/users/me"));
    expect(ended.unauthenticated).toHaveBeenCalledWith(expect.objectContaining({ code: "session_revoked" }));
    const wrong = http(() => json({ code: "invalid_login", detail: "Wrong." }, 401));
    await rejection(wrong.caller.call("PATCH /api/users/me", { body: {} }));
    expect(wrong.unauthenticated).not.toHaveBeenCalled();
  });

  test.each([
    [502, "unavailable", true],
    [408, "unavailable", true],
    [429, "rate_limited", false],
    [401, "unauthenticated", false],
    [404, "refused", false],
  ])("a proxy's %i is read by its status", (status, code, retryable) => {
    expect(errorOf(status, "<html>", null)).toMatchObject({ code, retryable, status });
  });

  test("how long to wait: the body's word, else the header's", () => {
    expect(errorOf(429, { code: "rate_limited", retryAfter: 1.5 }, "9").retryAfter).toBe(1.5);
    expect(errorOf(429, { code: "rate_limited" }, "9").retryAfter).toBe(9);
    expect(errorOf(503, undefined, "Wed, 21 Oct 2026 07:28:00 GMT").retryAfter).toBeNull();
  });
});

describe("what the server does only for somebody who proved who they are", () => {
  const wants = { code: "step_up_required", detail: "Confirm that it is you.", methods: ["password", "passkey"] };

  function guarded(stepUp: (methods: readonly string[]) => Promise<boolean>) {
    const answers = [json(wants, 403), json(USER)];
    const calls: RequestInit[] = [];
    const unauthenticated = vi.fn<() => void>();
    const caller = new Caller({
      base: "",
      stepUp,
      unauthenticated,
      fetch: async (_, init = {}) => {
        calls.push(init);
        return answers.shift() ?? json(wants, 403);
      },
    });
    return { caller, calls, unauthenticated };
  }
  const change = { body: { displayName: "Asha" } };

  test("is asked for, with the ways there are, and then done once more", async () => {
    const stepUp = vi.fn<(methods: readonly string[]) => Promise<boolean>>(async () => true);
    const { caller, calls, unauthenticated } = guarded(stepUp);
    const answer = await caller.send("PATCH /api/users/me", null, change);
    expect(answer).toBeNull();
    expect(stepUp).toHaveBeenCalledExactlyOnceWith(["password", "passkey"]);
    expect(calls.map((init) => init.body)).toEqual([JSON.stringify(change.body), JSON.stringify(change.body)]);
    expect(unauthenticated).not.toHaveBeenCalled();
  });

  test("is called off when the person does not prove it", async () => {
    const { caller, calls } = guarded(async () => false);
    expect(await rejection(caller.send("PATCH /api/users/me", null, change))).toMatchObject({ code: "cancelled" });
    expect(calls).toHaveLength(1);
  });

  test("is not asked for twice: a server that is never content is told", async () => {
    const stepUp = vi.fn<(methods: readonly string[]) => Promise<boolean>>(async () => true);
    const { caller } = guarded(stepUp);
    await caller.send("PATCH /api/users/me", null, change);
    expect(await rejection(caller.send("PATCH /api/users/me", null, change))).toMatchObject({ code: "step_up_required" });
    expect(stepUp).toHaveBeenCalledTimes(2);
  });
});

test("a second factor that is due says nothing of the session", async () => {
  const { caller, unauthenticated } = http(() => json({ code: "second_factor_required", detail: "Nearly." }, 401));
  await rejection(caller.call("GET /api/users/me"));
  expect(unauthenticated).not.toHaveBeenCalled();
});

test("the server hears which language its letters shall have", async () => {
  const headers: unknown[] = [];
  const caller = new Caller({
    base: "",
    language: () => "hi",
    fetch: async (_, init = {}) => {
      headers.push(init.headers);
      return json(USER);
    },
  });
  await caller.call("GET /api/users/me").catch(() => {});
  expect(headers).toEqual([expect.objectContaining({ "accept-language": "hi" })]);
});
