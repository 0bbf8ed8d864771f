import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";

import { FakeCore } from "@/hooks/testing/services.tsx";

import { Panes } from "./panes.tsx";
import type { Place } from "./place.ts";

vi.mock("./screens.tsx", () => {
  const field = (label: string) => () => <input aria-label={label} />;
  return {
    AccountScreen: field("account"),
    ChatScreen: field("chat"),
    InfoScreen: field("info"),
    InvitationScreen: field("invitation"),
    ListScreen: field("list"),
    NoSuchPage: () => null,
    NothingOpen: () => null,
    SettingsScreen: field("settings"),
    StartScreen: field("start"),
  };
});

let width = 0;
const changed = new Set<() => void>();

function turn(to: number): void {
  width = to;
  for (const each of changed) each();
}

beforeEach(() => {
  changed.clear();
  width = 1_280;
  vi.stubGlobal("matchMedia", (query: string) => ({
    get matches() {
      return width >= Number(/min-width: (\d+)px/.exec(query)?.[1]);
    },
    addEventListener: (_: string, listener: () => void) => changed.add(listener),
    removeEventListener: (_: string, listener: () => void) => changed.delete(listener),
  }));
});

const show = (place: Place, beside: string | null = null) =>
  new FakeCore().show(<Panes place={place} beside={beside} empty={false} />);

it.each([
  ["settings", { at: "settings" }, null],
  ["account", { at: "account", page: "keys" }, null],
  ["chat", { at: "chat", chatId: "c" }, "c"],
  ["list", { at: "list" }, null],
] as const)("keeps what is half written on the page %s when a phone is turned", async (label, place, beside) => {
  show(place, beside);
  await userEvent.type(screen.getByLabelText(label), "half a");
  for (const to of [390, 1_000, 390, 1_280]) {
    act(() => turn(to));
    expect(screen.getByLabelText(label)).toHaveValue("half a");
  }
});

it("shows one place at a time on a phone, and the list cannot be reached below it", () => {
  width = 390;
  show({ at: "settings" });
  expect(screen.getByLabelText("list").closest("[inert]")).not.toBeNull();
  expect(screen.getByRole("main")).toContainElement(screen.getByLabelText("settings"));
});

it("begins a chat in the place of the list where there is room, and on its own page on a phone", () => {
  show({ at: "new" }, "c");
  expect(screen.getByRole("main")).toContainElement(screen.getByLabelText("chat"));
  expect(screen.queryByLabelText("list")).toBeNull();
  act(() => turn(390));
  expect(screen.getByRole("main")).toContainElement(screen.getByLabelText("start"));
  expect(screen.queryByLabelText("chat")).toBeNull();
});
