// A chat as JSON; docs/reference/exported-chat.md describes the shape. One message on each line, so that a large file can
// be read line by line, too.

import { EVERYONE } from "../limits.ts";
import type { Mention, MessageItem, SystemEvent } from "../services.ts";
import { shownMentions } from "../talk/marks.ts";
import { isUnsent, nameOf, type ExportHead, type ExportTail, type ExportWriter, type Known } from "./model.ts";

export const FORMAT = "batiyoun-chat";
/** Counts up when a reader of the old shape would misread the new one. New fields may come without. */
export const VERSION = 1;

type Kind = "text" | "poll" | "deleted" | "event" | "unreadable" | "unknown";

/** A message of the file. What is false or empty is left out. */
export interface JsonMessage {
  /** Unique in the file; what `replyTo` names. */
  id: string;
  /** The place in the server's log; null: not sent, or noticed by this device. */
  seq: number | null;
  /** ISO 8601, in UTC. */
  at: string;
  /** A key of `people`. */
  from: string;
  kind: Kind;
  text?: string;
  /** Whom `text` names, and where: "@" and the name are `length` UTF-16 units of it from `at` on. */
  mentions?: { who: string; at: number; length: number }[];
  edited?: true;
  forwarded?: true;
  pinned?: true;
  replyTo?: string;
  reactions?: { emoji: string; from: string[] }[];
  event?: SystemEvent;
  poll?: { options: { text: string; from: string[] }[]; several: boolean; closed: boolean };
  /** Why it could not be opened, or what a newer version calls it. */
  why?: string;
  unsent?: "waiting" | "failed";
}

function contentOf({ body, tally }: MessageItem): Pick<JsonMessage, "kind" | "text" | "mentions" | "event" | "poll" | "why"> {
  switch (body.t) {
    case "text":
    case "edit":
      return { kind: "text", text: body.text, ...mentionsOf(body) };
    case "poll": {
      const options = body.options.map((option, place) => ({ text: option, from: tally?.votes[place] ?? [] }));
      return { kind: "poll", text: body.question, poll: { options, several: body.several ?? false, closed: tally?.closed ?? false } };
    }
    case "deleted":
      return { kind: "deleted" };
    case "system":
      return { kind: "event", event: body.event };
    case "sealed":
      return { kind: "unreadable", why: body.cause };
    case "unknown":
      return { kind: "unknown", why: body.type };
    default:
      return { kind: "unknown", why: body.t };
  }
}

function mentionsOf({ text, mentions = [] }: { text: string; mentions?: readonly Mention[] }): Pick<JsonMessage, "mentions"> {
  const shown = shownMentions(text, mentions).map(({ id, at, length }) => ({ who: id === EVERYONE ? "everyone" : id, at, length }));
  return shown.length > 0 ? { mentions: shown } : {};
}

/** The message as it stands in the file. */
export function jsonMessage(item: MessageItem): JsonMessage {
  const { key, seq, timestamp, senderId, edited, forwarded, pinned, reactions, replyTo, failure } = item;
  return {
    id: nameOf(key),
    seq,
    at: isoOf(timestamp),
    from: senderId,
    ...contentOf(item),
    ...(edited ? { edited } : {}),
    ...(forwarded ? { forwarded } : {}),
    ...(pinned ? { pinned } : {}),
    ...(replyTo ? { replyTo: nameOf(replyTo.key) } : {}),
    ...(reactions.length > 0 ? { reactions: reactions.map(({ emoji, userIds }) => ({ emoji, from: userIds })) } : {}),
    ...(isUnsent(item) ? { unsent: failure ? "failed" : "waiting" } : {}),
  };
}

/** A time outside of what ISO 8601 can say is nobody's: the server's times are its own. */
const isoOf = (at: number): string => (Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : new Date(0).toISOString());

export class JsonWriter implements ExportWriter {
  #first = true;
  readonly #people = new Map<string, { name: string; username: string }>();

  begin({ chat, me, at }: ExportHead): string {
    const { createdAt, ...facts } = chat;
    const head = { format: FORMAT, version: VERSION, exportedAt: isoOf(at), exportedBy: me, chat: { ...facts, createdAt: isoOf(createdAt) } };
    return `${JSON.stringify(head).slice(0, -1)},"messages":[`;
  }

  add(items: readonly MessageItem[], known: Known): string {
    for (const [id, { displayName, username }] of known) this.#people.set(id, { name: displayName, username });
    return items
      .map((item) => {
        const comma = this.#first ? "" : ",";
        this.#first = false;
        return `${comma}\n${JSON.stringify(jsonMessage(item))}`;
      })
      .join("");
  }

  end({ counts, complete }: ExportTail): string {
    const people = Object.fromEntries(this.#people);
    return `\n],"people":${JSON.stringify(people)},"complete":${complete},"counts":${JSON.stringify(counts)}}\n`;
  }
}
