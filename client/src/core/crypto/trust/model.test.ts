import * as fc from "fast-check";
import { expect, test } from "vitest";

import { holders } from "./hold.ts";
import { readInvitation, writeInvitation } from "./invitation.ts";
import { judgeTrust, trustOf, type Judged, type TrustEvent, type TrustRecord } from "./model.ts";

const key = (number: number): Uint8Array => new Uint8Array(32).fill(number);
const seen = (number: number, ...devices: string[]): TrustEvent => ({
  t: "seen",
  devices: devices.map((deviceId) => ({ deviceId, key: key(number) })),
});

/** What is believed after these, and what was told on the way. */
function after(...events: TrustEvent[]): { record: TrustRecord; news: (string | null)[] } {
  let record: TrustRecord | null = null;
  const news: (string | null)[] = [];
  for (const [at, event] of events.entries()) {
    const judged = judgeTrust(record, event, at);
    record = judged.record;
    news.push(judged.news);
  }
  if (record === null) throw new Error("nobody is known");
  return { record, news };
}

const state = (...events: TrustEvent[]): string => trustOf(after(...events).record).state;

test("the first key is believed, further devices under it are told", () => {
  const { record, news } = after(seen(1, "phone"), seen(1, "phone"), seen(1, "phone", "laptop"), seen(1, "laptop"));
  expect(trustOf(record)).toEqual({ state: "first-seen", hadVerified: false, since: 0 });
  expect(news).toEqual(["first", null, "device", null]);
});

test("test_48_another_key_is_told_once_and_stays_until_somebody_decides", () => {
  const { record, news } = after(seen(1, "a"), seen(2, "b"), seen(2, "b"), seen(1, "a"));
  expect(news).toEqual(["first", "changed", null, null]);
  expect(trustOf(record)).toEqual({ state: "changed", hadVerified: false, since: 1 });
  expect(record.key).toEqual(key(1));
  expect(record.other?.key).toEqual(key(2));
  expect(state(seen(1, "a"), seen(2, "b"), { t: "accepted", key: key(2) })).toBe("first-seen");
  expect(state(seen(1, "a"), seen(2, "b"), { t: "verified", key: key(2) })).toBe("verified");
  // What was compared is the key of before: the other one is as strange as it was.
  expect(state(seen(1, "a"), seen(2, "b"), { t: "verified", key: key(1) })).toBe("changed");
  // While one looked, a third one came: what was accepted is not it.
  expect(state(seen(1, "a"), seen(2, "b"), seen(3, "c"), { t: "accepted", key: key(2) })).toBe("changed");
});

test("two keys at the first sight are no quiet beginning", () => {
  const both: TrustEvent = { t: "seen", devices: [{ deviceId: "a", key: key(1) }, { deviceId: "b", key: key(2) }] };
  expect(after(both).news).toEqual(["changed"]);
  expect(state(both)).toBe("changed");
});

test("what the directory says otherwise is told, and is over when it is right again", () => {
  const lie: TrustEvent = { t: "directory", key: key(9) };
  const { news, record } = after(seen(1, "a"), lie, lie);
  expect([news, trustOf(record).state]).toEqual([["first", "changed", null], "changed"]);
  expect(state(seen(1, "a"), lie, { t: "directory", key: key(1) })).toBe("first-seen");
  // But not when a device goes by that key, too.
  expect(state(seen(1, "a"), lie, seen(9, "b"), { t: "directory", key: key(1) })).toBe("changed");
  expect(judgeTrust(null, lie, 0)).toEqual({ record: null, news: null });
});

test("whoever invited is known from their link; a link that does not fit warns", () => {
  const invited: TrustEvent = { t: "invited", key: key(1) };
  expect(after(invited, seen(1, "a"), seen(1, "a", "b")).news).toEqual([null, null, "device"]);
  expect(state(invited, seen(1, "a"))).toBe("verified");
  expect(state(seen(1, "a"), invited)).toBe("verified");
  expect(after(invited, seen(2, "a")).news).toEqual([null, "changed"]);
  const late = after(seen(2, "a"), invited);
  expect([late.news, late.record.key, trustOf(late.record).state]).toEqual([["first", "changed"], key(1), "changed"]);
  // An old link says nothing against numbers that were compared since.
  expect(state(seen(2, "a"), { t: "verified", key: key(2) }, invited)).toBe("verified");
});

test("what was decided on another device counts, the newest word wins, and a key that it did not see stays a doubt", () => {
  const shared = (number: number, at: number, verified = true): TrustEvent => ({ t: "shared", key: key(number), verified, at });
  expect(state(shared(1, 5))).toBe("verified");
  expect(after(seen(1, "a"), shared(1, 5), seen(1, "a")).news).toEqual(["first", null, null]);
  expect(state(seen(1, "a"), shared(1, 5))).toBe("verified");
  // Said here at 1, and there before or after that.
  expect(state(seen(1, "a"), { t: "verified", key: key(1) }, shared(1, 1, false))).toBe("verified");
  expect(state(seen(1, "a"), { t: "verified", key: key(1) }, shared(1, 2, false))).toBe("first-seen");
  // The other device was asked about exactly these two.
  const chosen = after(seen(1, "a"), seen(2, "b"), shared(2, 9, false));
  expect([chosen.record.key, trustOf(chosen.record).state, chosen.news]).toEqual([key(2), "first-seen", ["first", "changed", null]]);
  // It never saw what was seen here.
  const strange = after(seen(2, "a"), shared(1, 9));
  expect([strange.record.key, strange.record.other?.key, strange.news]).toEqual([key(1), key(2), ["first", "changed"]]);
  // An older word, handed out again by the server, says nothing.
  expect(state(shared(1, 9), shared(2, 9), shared(2, 3))).toBe("verified");
  expect(after(shared(1, 9), shared(2, 3)).record.key).toEqual(key(1));
});

const anyEvent: fc.Arbitrary<TrustEvent> = fc.oneof(
  fc.array(fc.record({ deviceId: fc.constantFrom("a", "b", "c"), key: fc.nat(3).map(key) }), { maxLength: 3 }).map(
    (devices): TrustEvent => ({ t: "seen", devices }),
  ),
  fc.record({
    t: fc.constantFrom("directory" as const, "invited" as const, "verified" as const, "accepted" as const),
    key: fc.nat(3).map(key),
  }),
  fc.constant<TrustEvent>({ t: "unverified" }),
  fc.record({ t: fc.constant("shared" as const), key: fc.nat(3).map(key), verified: fc.boolean(), at: fc.nat(25) }),
);

/** Laws that the step breaks; none, when all is well. */
function broken(before: TrustRecord | null, event: TrustEvent, { record, news }: Judged): string[] {
  if (record === null) return before === null ? [] : ["somebody was forgotten"];
  const text = (of: Uint8Array | undefined): string => of?.join() ?? "";
  const moved = before !== null && text(before.key) !== text(record.key);
  const doubt = text(record.other?.key);
  const strange = event.t === "seen" && event.devices.some((device) => text(device.key) !== text(record.key));
  const again = event.t === "seen" || event.t === "directory" ? judgeTrust(record, event, 0).news : null;
  const laws: Record<string, boolean> = {
    "the key that is believed changes by a word of its person or of the owner": !moved || !["seen", "directory", "unverified"].includes(event.t),
    "an invitation changes no key that was compared": !moved || event.t !== "invited" || !before.verified,
    "only those words make verified": !record.verified || (before?.verified ?? false) || ["verified", "invited"].includes(event.t) || (event.t === "shared" && event.verified),
    "what is believed is not doubted": doubt !== text(record.key),
    "a new doubt is told": doubt === "" || doubt === text(before?.other?.key) || news === "changed",
    "a strange key leaves a doubt": !strange || doubt !== "",
    "the same once more says nothing new": again === null,
  };
  return Object.entries(laws).flatMap(([law, holds]) => (holds ? [] : [law]));
}

test("whatever happens, no key changes unseen, and nothing but a person's word makes verified", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 20 }), (events) => {
      let record: TrustRecord | null = null;
      for (const [at, each] of events.entries()) {
        const judged = judgeTrust(record, each, at);
        expect(broken(record, each, judged)).toEqual([]);
        record = judged.record;
      }
    }),
    { seed: 20_261_123, numRuns: 500 },
  );
});

test("two alone wait for each other's new keys; a group only for who had been compared", () => {
  const people = [
    ["asha", { state: "changed", hadVerified: false }],
    ["bela", { state: "changed", hadVerified: true }],
    ["chitra", { state: "verified", hadVerified: true }],
    ["dev", undefined],
  ] as const;
  expect(holders({ type: "direct", memberCount: 2 }, people)).toEqual(["asha", "bela"]);
  expect(holders({ type: "group", memberCount: 2 }, people)).toEqual(["asha", "bela"]);
  expect(holders({ type: "group", memberCount: 5 }, people)).toEqual(["bela"]);
});

test("an invitation's fragment says the key, for one person a pass, and nothing else is taken for one", () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const pass = fc.option(fc.record({ nonce: bytes(16), secret: bytes(16) }));
  fc.assert(
    fc.property(bytes(32), pass, (told, its) => {
      const fragment = writeInvitation(told, its);
      expect(fragment).toMatch(/^[0-9A-Za-z._-]+$/);
      expect(readInvitation(fragment)).toEqual({ key: told, pass: its });
    }),
  );
  for (const other of ["", "k1.", "k2.AAAA", `k1.${"A".repeat(44)}`, `k2.${"A".repeat(43)}`, `k3.${"A".repeat(86)}`, "error=cancelled"])
    expect(readInvitation(other)).toBeNull();
});
