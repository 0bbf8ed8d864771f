import { beforeEach, expect, test, vi } from "vitest";

import { ApiError } from "../errors.ts";
import { FakeRuntime } from "../testing/runtime.ts";
import { Once } from "./once.ts";

let once: Once;
const ask = vi.fn<(id: string) => Promise<string>>();

beforeEach(() => {
  once = new Once(new FakeRuntime().newId);
  ask.mockReset().mockImplementation(async (id) => `made ${id}`);
});

const unknown = () => ask.mockRejectedValueOnce(ApiError.local("offline"));

test("a wish whose outcome nobody knows keeps its id", async () => {
  unknown();
  await expect(once.ask(["Roof", "bela"], ask)).rejects.toMatchObject({ code: "offline" });
  unknown();
  await expect(once.ask(["Roof", "bela"], ask)).rejects.toMatchObject({ code: "offline" });
  expect(await once.ask(["Roof", "bela"], ask)).toBe("made id-1");
  expect(ask.mock.calls).toEqual([["id-1"], ["id-1"], ["id-1"]]);
});

test("what was made is made again only as another one", async () => {
  expect(await once.ask(["Roof", "bela"], ask)).toBe("made id-1");
  expect(await once.ask(["Roof", "bela"], ask)).toBe("made id-2");
});

test("another wish has another id, and so has one that was refused", async () => {
  unknown();
  await expect(once.ask(["Roof", "bela"], ask)).rejects.toMatchObject({ code: "offline" });
  expect(await once.ask(["Cellar", "bela"], ask)).toBe("made id-2");
  ask.mockRejectedValueOnce(new ApiError({ code: "user_not_found", message: "Nobody.", status: 404 }));
  await expect(once.ask(["Roof", "bela"], ask)).rejects.toMatchObject({ code: "user_not_found" });
  expect(ask).toHaveBeenLastCalledWith("id-1");
  expect(await once.ask(["Roof", "bela"], ask)).toBe("made id-3");
});

test("two at once are one wish", async () => {
  expect(await Promise.all([once.ask(["Roof"], ask), once.ask(["Roof"], ask)])).toEqual(["made id-1", "made id-1"]);
});
