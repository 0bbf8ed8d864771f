import { expect, test } from "vitest";

import { FakeLocks } from "../testing/locks.ts";
import { Election } from "./leader.ts";

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Elections on one browser's locks, and who leads by the order of beginning. */
function stand(locks: FakeLocks | null, count: number) {
  const leading: number[] = [];
  const tabs = Array.from({ length: count }, (_, tab) => {
    const lead = (): (() => void) => {
      leading.push(tab);
      return () => void leading.splice(leading.indexOf(tab), 1);
    };
    return new Election(locks, "lock", lead);
  });
  for (const tab of tabs) tab.start();
  return { tabs, leading };
}

test("one leads, and the next takes over when it stops", async () => {
  const { tabs, leading } = stand(new FakeLocks(), 3);
  await settle();
  expect(leading).toEqual([0]);
  tabs[1]?.stop();
  tabs[0]?.stop();
  await settle();
  expect(leading).toEqual([2]);
});

test("the lead of a frozen tab can be taken; the tab stands in line again", async () => {
  const { tabs, leading } = stand(new FakeLocks(), 2);
  await settle();
  tabs[1]?.steal();
  await settle();
  expect(leading).toEqual([1]);
  tabs[1]?.stop();
  await settle();
  expect(leading).toEqual([0]);
});

test("who leads does not steal from itself", async () => {
  const { tabs, leading } = stand(new FakeLocks(), 1);
  await settle();
  tabs[0]?.steal();
  await settle();
  expect(leading).toEqual([0]);
});

test("without locks every tab leads alone", () => {
  const { tabs, leading } = stand(null, 1);
  expect(leading).toEqual([0]);
  tabs[0]?.stop();
  expect(leading).toEqual([]);
});
