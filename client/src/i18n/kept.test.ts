import { expect, it, vi } from "vitest";

import { kept, once } from "./kept.ts";

it("makes nothing before it is wanted, and nothing twice", () => {
  const make = vi.fn<(language: string) => { language: string }>((language) => ({ language }));
  const clock = once(() => make("en"));
  expect(make).not.toHaveBeenCalled();
  expect(clock()).toBe(clock());
  const clocks = kept(make);
  expect(clocks("hi")).toBe(clocks("hi"));
  expect(clocks("hi").language).toBe("hi");
  expect(clocks("en").language).toBe("en");
  expect(make).toHaveBeenCalledTimes(3);
});
