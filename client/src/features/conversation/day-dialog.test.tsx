import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { DayDialog } from "./day-dialog.tsx";

const FIRST = new Date(2026, 0, 5, 9, 30).getTime();
const LAST = new Date(2026, 2, 3, 18).getTime();
const onJump = vi.fn<(key: string) => void>();
const onClose = vi.fn<() => void>();
const user = userEvent.setup();
let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  onJump.mockReset();
  onClose.mockReset();
});

const show = () => core.show(<DayDialog chatId="c" at={LAST} first={FIRST} last={LAST} onJump={onJump} onClose={onClose} />);
const press = (name: string) => user.click(screen.getByRole("button", { name }));

it("shows the first message of the day that was chosen, from its first moment here", async () => {
  core.local.day.mockResolvedValue("c/a/1");
  show();
  const field = screen.getByLabelText("Day");
  expect(field).toHaveValue("2026-03-03");
  expect([field.getAttribute("min"), field.getAttribute("max")]).toEqual(["2026-01-05", "2026-03-03"]);
  fireEvent.change(field, { target: { value: "2026-02-10" } });
  await press("Show");
  await waitFor(() => expect(onJump).toHaveBeenCalledExactlyOnceWith("c/a/1"));
  expect(core.local.day).toHaveBeenCalledExactlyOnceWith("c", new Date(2026, 1, 10).getTime(), expect.anything(), expect.anything());
  expect(onClose).toHaveBeenCalled();
});

it("leads to the beginning", async () => {
  show();
  await press("Beginning of the chat");
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(core.local.day.mock.lastCall?.[1]).toBe(FIRST);
  expect(onJump).not.toHaveBeenCalled();
});

it("says that it fetches, and can be stopped", async () => {
  core.local.day.mockImplementation((_chatId, _at, fetching, signal) => {
    fetching();
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(ApiError.local("cancelled"))));
  });
  show();
  await press("Show");
  expect(await screen.findByText("Loading older messages…")).toBeInTheDocument();
  await press("Cancel");
  await waitFor(() => expect(screen.queryByText("Loading older messages…")).not.toBeInTheDocument());
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  expect([onClose.mock.calls.length, onJump.mock.calls.length]).toEqual([0, 0]);
});

it("says why it cannot", async () => {
  core.local.day.mockRejectedValue(ApiError.local("offline"));
  show();
  await press("Show");
  expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached");
});
