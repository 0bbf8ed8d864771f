import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Connection, Session } from "@/core/services.ts";
import { ME } from "@/hooks/testing/services.tsx";

import { noticeOf, useSettled, type Notice } from "./connection-notice.ts";

const HERE: Session = { state: "signedIn", me: ME, expired: false };

describe("what there is to say", () => {
  it.each<[Session, Connection, Notice]>([
    [HERE, { state: "online", syncing: false }, "none"],
    [HERE, { state: "online", syncing: true }, "syncing"],
    [HERE, { state: "offline" }, "offline"],
    [HERE, { state: "reconnecting", nextAttemptAt: 0 }, "reconnecting"],
    [HERE, { state: "outdated" }, "outdated"],
    [HERE, { state: "idle" }, "none"],
    [{ ...HERE, expired: true }, { state: "offline" }, "expired"],
    [{ state: "signedOut", reason: "none" }, { state: "offline" }, "none"],
  ])("%j, %j: %s", (session, connection, notice) => {
    expect(noticeOf(session, connection)).toBe(notice);
  });
});

describe("when it is said", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const follow = (first: Notice) => {
    const { result, rerender } = renderHook(({ notice }: { notice: Notice }) => useSettled(notice), {
      initialProps: { notice: first },
    });
    return {
      shown: () => result.current,
      becomes: (notice: Notice) => rerender({ notice }),
      after: (ms: number) => act(() => vi.advanceTimersByTime(ms)),
    };
  };

  it("is silent about a short hiccup", () => {
    const bar = follow("none");
    bar.becomes("reconnecting");
    bar.after(1_400);
    expect(bar.shown()).toBe("none");
    bar.becomes("none");
    bar.after(5_000);
    expect(bar.shown()).toBe("none");
  });

  it("does not blink between attempts", () => {
    const bar = follow("reconnecting");
    bar.after(1_500);
    expect(bar.shown()).toBe("reconnecting");
    bar.becomes("connecting");
    expect(bar.shown()).toBe("reconnecting");
    bar.after(2_000);
    expect(bar.shown()).toBe("connecting");
  });

  it("stops saying that there is no network as soon as there is", () => {
    const bar = follow("offline");
    bar.after(0);
    expect(bar.shown()).toBe("offline");
    bar.becomes("syncing");
    expect(bar.shown()).toBe("none");
    bar.after(1_500);
    expect(bar.shown()).toBe("syncing");
    bar.becomes("none");
    expect(bar.shown()).toBe("none");
  });
});
