// What an exported chat is made of. Writers are pure: they turn messages into pieces of one file, in order, and whoever
// runs them decides where the pieces go. Nothing here knows the database, the network or the screen.

import type { MessageItem, Profile } from "../services.ts";

/** The chat that the file is of. */
export interface ExportedChat {
  id: string;
  type: "direct" | "group";
  /** As the person sees it. */
  name: string;
  encrypted: boolean;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

export interface ExportHead {
  chat: ExportedChat;
  /** Who exports it. */
  me: string;
  /** When, in milliseconds since the epoch. */
  at: number;
}

export interface ExportCounts {
  messages: number;
  /** Messages that could not be opened on this device. */
  unreadable: number;
  /** Messages that are not sent yet, or could not be. */
  unsent: number;
}

export interface ExportTail {
  counts: ExportCounts;
  /** Whether everything that this person may see is in the file. */
  complete: boolean;
}

/** People by id, as far as they are known. Filled in before the messages that need them are written. */
export type Known = ReadonlyMap<string, Pick<Profile, "displayName" | "username">>;

/** Makes one file. Call `begin` once, `add` for each piece of the chat in its order, `end` once. */
export interface ExportWriter {
  begin(head: ExportHead): string;
  add(items: readonly MessageItem[], known: Known): string;
  end(tail: ExportTail): string;
}

export const isUnreadable = ({ body }: MessageItem): boolean => body.t === "sealed";
/** News that only this device noticed have no place in the log, and are not to be sent. */
export const isUnsent = ({ kind, seq }: MessageItem): boolean => kind === "message" && seq === null;

/** Everybody who is named in these messages. */
export function peopleIn(items: readonly MessageItem[]): Set<string> {
  const people = new Set<string>();
  for (const { senderId, body, reactions, replyTo, tally } of items) {
    people.add(senderId);
    if (replyTo) people.add(replyTo.senderId);
    for (const id of tally?.votes.flat() ?? []) people.add(id);
    for (const { userIds } of reactions) for (const id of userIds) people.add(id);
    if (body.t === "text") for (const { id } of body.mentions ?? []) people.add(id);
    if (body.t !== "system") continue;
    if ("userIds" in body.event) for (const id of body.event.userIds) people.add(id);
    if (body.event.what === "left" && body.event.ownerId !== null) people.add(body.event.ownerId);
  }
  return people;
}

/** Which message it is, in its chat: what answers name. */
export const nameOf = (key: string): string => key.slice(key.indexOf("/") + 1);
