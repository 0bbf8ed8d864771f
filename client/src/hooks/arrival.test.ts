import { expect, it } from "vitest";

import { forgetArrival, readArrival } from "./arrival.ts";

it.each([
  ["", { at: "nothing" }],
  ["#for-the-keys", { at: "nothing" }],
  ["#oidc", { at: "sign-up" }],
  ["#second-factor", { at: "second-factor" }],
  ["#oidc-linked", { at: "linked" }],
  ["#oidc-error=provider_refused", { at: "refused", code: "provider_refused" }],
  ["#oidc-error=<b>", { at: "nothing" }],
])("reads %j", (hash, arrival) => {
  expect(readArrival(hash)).toEqual(arrival);
});

it("is forgotten without the rest of the address, and without what is somebody else's", () => {
  history.replaceState({ step: "x" }, "", "/sign-in?next=/c/1#second-factor");
  forgetArrival();
  expect(location.pathname + location.search + location.hash).toBe("/sign-in?next=/c/1");
  expect(history.state).toEqual({ step: "x" });
  history.replaceState(null, "", "/invite/a#for-the-keys");
  forgetArrival();
  expect(location.hash).toBe("#for-the-keys");
});
