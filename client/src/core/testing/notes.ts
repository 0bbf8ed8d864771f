// What is said about messages, over a real server: two people, with and without a network. The same for chats that the
// server can read and for those that it cannot.

import { expect, test } from "vitest";

import type { MessageItem, Services } from "../services.ts";
import { newest, newPerson, texts, type Person } from "./people.ts";
import { eventually } from "./wait.ts";

async function talk(): Promise<{ asha: Person; bela: Person; chatId: string }> {
  const asha = await newPerson("asha");
  const bela = await newPerson("bela");
  return { asha, bela, chatId: await asha.tab.chats.createDirect(bela.id) };
}

const sees = async (tab: Services, chatId: string, what: (item: MessageItem) => boolean): Promise<MessageItem> => {
  const window = await eventually(newest(tab, chatId), (it) => it?.items.some(what) ?? false);
  return window?.items.find(what) as MessageItem;
};
const says = (text: string) => (item: MessageItem) => item.body.t === "text" && item.body.text === text;

export function notesTests(): void {
  test("answers, reactions, edits and deletions reach the other person and count as no news", async () => {
    const { asha, bela, chatId } = await talk();
    const key = await asha.tab.messages.send(chatId, "shall we go at 5?");
    await sees(bela.tab, chatId, says("shall we go at 5?"));
    await bela.tab.messages.send(chatId, "yes", key);
    const answer = await sees(asha.tab, chatId, says("yes"));
    expect(answer.replyTo).toMatchObject({ key, excerpt: "shall we go at 5?", gone: false });
    asha.tab.chats.markRead(chatId, answer.seq ?? 0);

    await bela.tab.messages.react(key, "👍", true);
    const liked = await sees(asha.tab, chatId, (item) => item.reactions.length === 1);
    expect(liked.reactions).toEqual([{ emoji: "👍", userIds: [bela.id] }]);
    expect(await asha.tab.messages.edit(key, "shall we go at 6?")).toBe(true);
    await sees(bela.tab, chatId, (item) => says("shall we go at 6?")(item) && item.edited);
    await sees(bela.tab, chatId, (item) => item.replyTo?.excerpt === "shall we go at 6?");
    expect(await bela.tab.messages.edit(key, "no")).toBe(false);
    await bela.tab.messages.pin(key, true);
    await eventually(asha.tab.messages.pinned(chatId), (items) => items?.[0]?.key === key);

    expect(await asha.tab.messages.deleteForAll(key)).toBe(true);
    await sees(bela.tab, chatId, (item) => item.key === key && item.deleted);
    await sees(bela.tab, chatId, (item) => item.replyTo?.gone === true);
    const list = await eventually(asha.tab.chats.list(), (chats) => chats?.[0]?.preview?.body.t === "text");
    expect(list?.[0]).toMatchObject({ unread: 0, preview: { body: { text: "yes" } } });
  });

  test("what is said about a message without a network shows at once, and reaches the other person later", async () => {
    const { asha, bela, chatId } = await talk();
    const key = await asha.tab.messages.send(chatId, "tea?");
    await sees(bela.tab, chatId, says("tea?"));
    await sees(asha.tab, chatId, (item) => says("tea?")(item) && item.seq !== null);
    asha.browser.online.set(false);
    expect(await asha.tab.messages.edit(key, "chai?")).toBe(true);
    await asha.tab.messages.react(key, "🙏", true);
    await sees(asha.tab, chatId, (item) => says("chai?")(item) && item.reactions.length === 1);
    expect(texts(newest(bela.tab, chatId).get())).not.toContain("chai?");
    asha.browser.online.set(true);
    await sees(bela.tab, chatId, (item) => says("chai?")(item) && item.edited && item.reactions[0]?.userIds[0] === asha.id);
  });

  test("a poll is answered with and without a network, and ended by who asked", async () => {
    const { asha, bela, chatId } = await talk();
    const key = await asha.tab.messages.ask(chatId, { question: "When?", options: ["four", " five "], several: false });
    const asked = await sees(bela.tab, chatId, (item) => item.key === key);
    expect(asked).toMatchObject({ body: { t: "poll", question: "When?", options: ["four", "five"] }, tally: { votes: [[], []], closed: false } });
    const list = await eventually(bela.tab.chats.list(), (chats) => chats?.[0]?.unread === 1);
    expect(list?.[0]?.preview?.body.t).toBe("poll");
    bela.browser.online.set(false);
    await bela.tab.messages.vote(key, [0]);
    await bela.tab.messages.vote(key, [1]);
    await sees(bela.tab, chatId, (item) => item.tally?.votes[1]?.[0] === bela.id);
    bela.browser.online.set(true);
    await sees(asha.tab, chatId, (item) => item.tally?.votes[1]?.[0] === bela.id && item.tally.votes[0]?.length === 0);
    await asha.tab.messages.closePoll(key);
    await sees(bela.tab, chatId, (item) => item.tally?.closed === true);
    await bela.tab.messages.vote(key, [0]);
    await bela.tab.messages.send(chatId, "too late?");
    await sees(asha.tab, chatId, says("too late?"));
    expect((await sees(asha.tab, chatId, (item) => item.key === key)).tally).toEqual({ votes: [[], [bela.id]], closed: true });
  });

  test("a message that an admin takes away is gone for everybody who had it", async () => {
    const { asha, bela, chatId: met } = await talk();
    await asha.tab.messages.send(met, "hello");
    await sees(bela.tab, met, says("hello"));
    const chatId = await asha.tab.chats.createGroup("Readers", [bela.id]);
    const mine = await asha.tab.messages.send(chatId, "mine");
    await sees(bela.tab, chatId, says("mine"));
    const key = await bela.tab.messages.send(chatId, "rude words");
    await sees(asha.tab, chatId, says("rude words"));
    await expect(bela.tab.messages.moderate(mine)).rejects.toMatchObject({ code: "forbidden" });
    await asha.tab.messages.moderate(key);
    for (const { tab } of [asha, bela]) await sees(tab, chatId, (item) => item.key === key && item.deleted);
  });
}
