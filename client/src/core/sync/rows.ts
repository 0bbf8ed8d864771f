// From envelopes to rows; pure but for the opening.

import type { CryptoChat, MessageCrypto, VaultWrite } from "../crypto/interface.ts";
import { millis, type Envelope } from "../contracts/index.ts";
import type { Body, MessageRow, Role, SystemEvent } from "../db/schema.ts";
import { isMessage } from "../talk/bodies.ts";
import { aboutOf } from "../talk/project.ts";

export const keyOf = (chatId: string, senderId: string, clientId: string): string => `${chatId}/${senderId}/${clientId}`;

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

const ROLES: readonly string[] = ["owner", "admin", "member"] satisfies Role[];
const isRole = (value: unknown): value is Role => typeof value === "string" && ROLES.includes(value);

/** What a system envelope tells (batiyoun/chats/members.py); "other" for what a newer server may add. */
export function systemEvent(type: string, metadata: Record<string, unknown>): SystemEvent {
  const userIds = strings(metadata["userIds"]);
  const { name, role, ownerId, seq } = metadata;
  switch (type) {
    case "members_added":
      return { what: "added", userIds };
    case "member_removed":
      return { what: "removed", userIds };
    case "member_left":
      return { what: "left", ownerId: typeof ownerId === "string" ? ownerId : null };
    case "role_changed":
      return isRole(role) ? { what: "role", userIds, role } : { what: "other" };
    case "redacted":
      return typeof seq === "number" ? { what: "redacted", seq } : { what: "other" };
    case "renamed":
      return typeof name === "string" ? { what: "renamed", name } : { what: "other" };
    default:
      return { what: "other" };
  }
}

/** A stored message's row. */
export function rowOf(envelope: Envelope, opened: Body): MessageRow {
  const { chatId, senderId, clientId, seq, id, kind, notify } = envelope;
  const body: Body = kind === "message" && envelope.type === "redacted" ? { t: "deleted" } : opened;
  const about = aboutOf({ chatId, body });
  // What is news the sender says; of what was opened not the server. What is said about a message never is.
  const news = about.about === undefined && (notify || (envelope.encrypted && isMessage(body)));
  return {
    key: keyOf(chatId, senderId, clientId),
    chatId,
    order: seq,
    seq,
    id,
    senderId,
    clientId,
    kind,
    body,
    notify: news,
    timestamp: millis(envelope.timestamp),
    failure: null,
    ...about,
    ...(isMessage(body) && body.lasts ? { expiresAt: millis(envelope.timestamp) + body.lasts * 1_000 } : {}),
  };
}

/** Rows of messages as far as they can be opened out of order (`MessageCrypto.open`). */
export async function openRows(
  crypto: MessageCrypto,
  chat: CryptoChat,
  envelopes: readonly Envelope[],
): Promise<{ rows: MessageRow[]; writes: VaultWrite[] }> {
  const messages = envelopes.filter((each) => each.kind === "message");
  const { results, writes } = messages.length > 0 ? await crypto.open(chat, messages) : { results: [], writes: [] };
  const bodies = new Map(messages.map((each, index) => [each.seq, results[index] ?? null]));
  return { rows: rowsOf(envelopes, envelopes.map((each) => bodies.get(each.seq) ?? null)), writes };
}

/** The rows of a piece of a chat's log. A message without a body is kept for its place only, as commits are. */
export function rowsOf(envelopes: readonly Envelope[], bodies: readonly (Body | null)[]): MessageRow[] {
  return envelopes.map((each, index) => {
    if (each.kind === "system") return rowOf(each, { t: "system", event: systemEvent(each.type, each.metadata) });
    const body = bodies[index];
    return body ? rowOf(each, body) : { ...rowOf(each, { t: "unknown", type: each.type }), kind: "commit" };
  });
}
