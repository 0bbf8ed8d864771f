import { expect, test } from "vitest";

import { StepUp } from "./step-up.ts";

test("all requests that come while the person is asked share one answer", async () => {
  const stepUp = new StepUp();
  const answers = [stepUp.ask(["password", "totp"]), stepUp.ask(["password"])];
  expect(stepUp.wanted.get()).toEqual(["password", "totp"]);
  stepUp.answer(true);
  expect(await Promise.all(answers)).toEqual([true, true]);
  expect(stepUp.wanted.get()).toBeNull();
});

test("the next request asks anew", async () => {
  const stepUp = new StepUp();
  const first = stepUp.ask(["password"]);
  stepUp.answer(false);
  expect(await first).toBe(false);
  const second = stepUp.ask(["passkey"]);
  expect(stepUp.wanted.get()).toEqual(["passkey"]);
  stepUp.answer(true);
  expect(await second).toBe(true);
});

test("ways of a newer server, which this app cannot ask for, are left out", () => {
  const stepUp = new StepUp();
  void stepUp.ask(["retina", "code"]);
  expect(stepUp.wanted.get()).toEqual(["code"]);
});
