import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, expect, it } from "vitest";

import type { ChatDetail, Failure, MessageItem } from "@/core/services.ts";
import { directWith, FakeCore, groupOf, ME, member, person } from "@/hooks/testing/services.tsx";

import { Announcer } from "./announcer.tsx";
import type { Asks } from "./asks.ts";
import { BlockedBar } from "./blocked-bar.tsx";
import { Failed } from "./failed.tsx";
import { Hushed } from "./hushed.tsx";
import { Quote } from "./quote.tsx";
import { nothingAsked, said } from "./testing/said.ts";

const user = userEvent.setup();
const ravi = person("ravi", "Ravi Das");
const roof = groupOf("Roof", [member("Roof", ME), member("Roof", ravi)]);
const hushing: Asks = { ...nothingAsked, hushes: (id: string) => id === "ravi" };
let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  core.profiles.set("ravi", ravi);
});

const words = (order: number, senderId: string, text: string): MessageItem => said(order, senderId, order, { body: { t: "text", text } });

function Line() {
  const [shown, setShown] = useState(false);
  return shown ? (
    <button type="button" data-message-stop="c/ravi/1">
      what was said
    </button>
  ) : (
    <Hushed messageKey="c/ravi/1" stop onShow={() => setShown(true)} />
  );
}

it("is one line until one wants to see it; the keyboard goes on with the message", async () => {
  core.show(<Line />);
  expect(screen.getByText("Message from someone you blocked")).toBeInTheDocument();
  await user.tab();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(screen.getByText("what was said")).toHaveFocus());
});

function Talk({ asks }: { asks: Asks }) {
  const [newest, setNewest] = useState(words(1, "me", "hello"));
  return (
    <>
      <Announcer chat={roof} newest={newest} asks={asks} />
      <button type="button" onClick={() => setNewest(words(2, "ravi", "you again"))}>
        next
      </button>
    </>
  );
}

it("is not said to a screen reader, as others' messages are", async () => {
  const { unmount } = core.show(<Talk asks={nothingAsked} />);
  await user.click(screen.getByText("next"));
  expect(await screen.findByText("Ravi Das: you again")).toBeInTheDocument();
  unmount();
  core.show(<Talk asks={hushing} />);
  await user.click(screen.getByText("next"));
  expect(screen.getByRole("status")).toBeEmptyDOMElement();
});

it("is not quoted", () => {
  core.show(<Quote quote={{ key: "k", senderId: "ravi", excerpt: "you again", gone: false }} asks={hushing} />);
  expect(screen.getByRole("button")).toHaveTextContent("Message from someone you blocked");
  expect(screen.queryByText("you again")).toBeNull();
});

it("in the place of the composer a block is said, and taken back", async () => {
  const chat: ChatDetail = { ...directWith(ravi), members: [], myRole: "member", lasts: 0, goesOn: null };
  core.show(<BlockedBar chat={chat} />);
  expect(screen.getByText("You blocked Ravi Das.")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Unblock" }));
  expect(core.blocks.set).toHaveBeenCalledExactlyOnceWith("ravi", false);
});

it("what cannot be delivered can be copied and deleted, and not tried again", () => {
  const failure: Failure = { code: "not_reachable", message: "This message can’t be delivered to this person." };
  const message = { ...words(1, "me", "are you there?"), state: "failed" as const, failure };
  const { unmount } = core.show(<Failed message={message} failure={failure} asks={nothingAsked} />);
  expect(screen.getByRole("group", { name: "Not sent" })).toHaveTextContent("can’t be delivered");
  expect(screen.getAllByRole("button").map((each) => each.textContent)).toEqual(["Copy text", "Delete"]);
  unmount();
  const mine: Failure = { code: "blocked_by_you", message: "You blocked this person." };
  core.show(<Failed message={message} failure={mine} asks={nothingAsked} />);
  expect(screen.getAllByRole("button").map((each) => each.textContent)).toEqual(["Try again", "Edit", "Do not send"]);
});
