import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { Cell } from "@/core/live.ts";
import type { MessageItem, MessageWindow, Poll, Services, Tally } from "@/core/services.ts";
import { ServicesContext } from "@/hooks/services.ts";
import { TooltipProvider } from "@/ui/tooltip.tsx";

import { Bubble } from "./bubble.tsx";
import { EndPoll } from "./poll-end.tsx";
import { NewPoll } from "./poll-new.tsx";
import { Voters } from "./poll-voters.tsx";
import { nothingAsked, said } from "./testing/said.ts";

const window = new Cell<MessageWindow | undefined>(undefined);
const messages = {
  ask: vi.fn<Services["messages"]["ask"]>(async () => "key"),
  vote: vi.fn<Services["messages"]["vote"]>(async () => {}),
  closePoll: vi.fn<Services["messages"]["closePoll"]>(async () => {}),
  window: () => window,
};
const NAMES: Record<string, string> = { ravi: "Ravi Singh", bala: "Bala Kumar" };
const people = { profile: (id: string) => new Cell(NAMES[id] === undefined ? null : { id, displayName: NAMES[id] }) };
const services = { messages, people } as unknown as Services;
const voters = vi.fn<(message: MessageItem) => void>();
const end = vi.fn<(message: MessageItem) => void>();
const done = vi.fn<() => void>();

beforeEach(() => {
  window.set(undefined);
  for (const mock of [...Object.values(messages), voters, end, done]) if ("mockClear" in mock) mock.mockClear();
});

const poll = (more: Partial<Poll> = {}): Poll => ({ t: "poll", question: "When shall we meet?", options: ["four", "five", "six"], ...more });
const asked = (tally: Partial<Tally> = {}, body = poll(), sender = "ravi"): MessageItem =>
  said(1, sender, 0, { body, tally: { votes: [[], [], []], closed: false, ...tally } });

const show = (node: React.ReactNode) =>
  render(
    <ServicesContext value={services}>
      <TooltipProvider>{node}</TooltipProvider>
    </ServicesContext>,
  );
const bubble = (message: MessageItem, writes = true) => (
  <Bubble message={message} first last sender={null} stop marked={false} choice={null} asks={{ ...nothingAsked, writes, voters, end }} />
);
const answer = (name: string) => screen.getByRole("radio", { name });
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

it("is a group of answers of which one is chosen, and sent by a press", async () => {
  show(bubble(asked()));
  expect(within(screen.getByRole("group", { name: "When shall we meet?" })).getAllByRole("radio")).toHaveLength(3);
  expect(screen.getByRole("button", { name: "Vote" })).toBeDisabled();
  await userEvent.click(answer("four 0 votes"));
  await userEvent.keyboard("{ArrowDown}");
  expect(messages.vote, "walking through the answers says nothing").not.toHaveBeenCalled();
  await press("Vote");
  expect(messages.vote).toHaveBeenCalledExactlyOnceWith(expect.anything(), [1]);
});

it("says how it stands, and to screen readers what changes", async () => {
  const { rerender } = show(bubble(asked({ votes: [["ravi"], ["me"], []] })));
  expect(answer("five 1 vote")).toBeChecked();
  expect(screen.queryByRole("button", { name: /vote$/ })).toBeNull();
  await press("2 people voted");
  expect(voters).toHaveBeenCalledOnce();
  rerender(
    <ServicesContext value={services}>
      <TooltipProvider>{bubble(asked({ votes: [["ravi", "bala"], ["me"], []] }))}</TooltipProvider>
    </ServicesContext>,
  );
  expect(screen.getByRole("status")).toHaveTextContent(/four: 2 votes, five: 1 vote,? and six: 0 votes/);
});

it("takes several answers where several are asked for, and takes them back", async () => {
  show(bubble(asked({ votes: [["me"], [], []] }, poll({ several: true }))));
  await userEvent.click(screen.getByRole("checkbox", { name: "six 0 votes" }));
  await press("Change my vote");
  expect(messages.vote).toHaveBeenLastCalledWith(expect.anything(), [0, 2]);
  await userEvent.click(screen.getByRole("checkbox", { name: "six 0 votes" }));
  await userEvent.click(screen.getByRole("checkbox", { name: "four 1 vote" }));
  await press("Take my vote back");
  expect(messages.vote).toHaveBeenLastCalledWith(expect.anything(), []);
});

it("is only to be looked at when it was ended, and where one may not write", () => {
  const { unmount } = show(bubble(asked({ closed: true })));
  expect(screen.getByText("Poll · ended")).toBeInTheDocument();
  expect(answer("four 0 votes")).toBeDisabled();
  unmount();
  show(bubble(asked(), false));
  expect(answer("four 0 votes")).toBeDisabled();
  expect(screen.queryByRole("button", { name: "Vote" })).toBeNull();
});

it("is ended by who asked, after a question", async () => {
  const { unmount } = show(bubble(asked({}, poll(), "me")));
  fireEvent.contextMenu(screen.getByText("When shall we meet?"));
  await userEvent.click(await screen.findByRole("menuitem", { name: "End the poll" }));
  await waitFor(() => expect(end).toHaveBeenCalledOnce());
  unmount();
  messages.closePoll.mockRejectedValueOnce(ApiError.local("not_found"));
  show(<EndPoll message={asked({}, poll(), "me")} onClose={done} />);
  await press("End the poll");
  expect(await screen.findByRole("alert")).toBeInTheDocument();
  await press("End the poll");
  await waitFor(() => expect(done).toHaveBeenCalledOnce());
});

it("is not ended by anybody else", async () => {
  show(bubble(asked()));
  fireEvent.contextMenu(screen.getByText("When shall we meet?"));
  await screen.findByRole("menu");
  expect(screen.queryByRole("menuitem", { name: "End the poll" })).toBeNull();
});

it("tells who chose what, as it is by now", async () => {
  const message = asked({ votes: [["ravi"], [], []] });
  show(<Voters message={message} myId="me" onClose={done} />);
  expect(screen.getByText("Ravi Singh")).toBeInTheDocument();
  const items = [{ ...message, tally: { votes: [["ravi"], ["me"], []], closed: false } }];
  window.set({ items, olderHere: false, olderThere: false, newerHere: false });
  expect(await screen.findByText("You")).toBeInTheDocument();
});

it("is made of a question and at least two answers, all different", async () => {
  show(<NewPoll chatId="c" onSent={done} onClose={done} />);
  await press("Ask");
  expect(screen.getByText("A poll needs a question.")).toBeInTheDocument();
  expect(messages.ask).not.toHaveBeenCalled();
  const field = (name: string) => screen.getByRole("textbox", { name });
  await userEvent.type(field("Question"), "When?");
  await userEvent.type(field("Answer 1"), "four");
  await userEvent.type(field("Answer 2"), "four");
  expect(screen.getByText("This answer is there already.")).toBeInTheDocument();
  await press("Ask");
  expect(messages.ask).not.toHaveBeenCalled();
  await userEvent.type(field("Answer 2"), "teen");
  await userEvent.type(field("Answer 3"), "five");
  expect(field("Answer 4")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("switch", { name: "People may choose several answers" }));
  await press("Ask");
  await waitFor(() =>
    expect(messages.ask).toHaveBeenCalledExactlyOnceWith("c", { question: "When?", options: ["four", "fourteen", "five"], several: true }),
  );
  expect(done).toHaveBeenCalledTimes(2);
});
