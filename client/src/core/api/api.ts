// The server's REST operations by name, in the client's own shapes. Every function rejects with `ApiError`.

import * as v from "valibot";

import { millis, type Envelope, type OwnUser, type PublicUser } from "../contracts/index.ts";
import type * as contracts from "../contracts/index.ts";
import type { vCreateChat, vEditPreferences } from "../contracts/generated/schemas.ts";
import type { Profile, Role, SealedBody } from "../db/schema.ts";
import type { Me } from "../services.ts";
import type { Caller } from "./caller.ts";

export type ChatView = contracts.ChatView;
export type Page = contracts.Page;

/** Where the server stored a message. `timestamp` in milliseconds. */
export interface Place {
  id: string;
  seq: number;
  timestamp: number;
}

/** The newest page, what follows `after`, or what precedes `before`; ascending, at most 500. */
export type PageQuery = ({ after: number } | { before: number } | Record<never, never>) & { limit: number };

export function profileOf(user: PublicUser): Profile {
  const { id, username, displayName, avatar, bio } = user;
  return { id, username, displayName, avatar, bio, createdAt: millis(user.createdAt) };
}

export function meOf(user: OwnUser): Me {
  return { ...profileOf(user), email: user.email, verified: user.verified };
}

export const placeOf = (sent: { id: string; seq: number; timestamp: string }): Place => ({
  id: sent.id,
  seq: sent.seq,
  timestamp: millis(sent.timestamp),
});

export class Api {
  readonly #http: Caller;

  constructor(http: Caller) {
    this.#http = http;
  }

  // ── auth and people ───────────────────────────────────────────────────────────────────────────────────────────────

  async signOut(): Promise<void> {
    await this.#http.call("POST /api/auth/logout");
  }

  /** Whether this browser has a session; no error, as it would be to ask whose. */
  async hasSession(): Promise<boolean> {
    return (await this.#http.send("GET /api/auth/options", v.object({ signedIn: v.boolean() }), { timeout: 8_000 })).signedIn;
  }

  /** Who the cookie speaks for. */
  async whoAmI(): Promise<Me> {
    return meOf((await this.#http.call("GET /api/auth/verify-me", { timeout: 8_000 })).user);
  }

  async updateProfile(change: { displayName?: string; bio?: string }): Promise<Me> {
    return meOf(await this.#http.call("PATCH /api/users/me", { body: change }));
  }

  async search(query: string, signal?: AbortSignal): Promise<Profile[]> {
    const options = signal ? { query: { q: query }, signal } : { query: { q: query } };
    return (await this.#http.call("GET /api/users/search", options)).users.map(profileOf);
  }

  /** Those of up to a hundred people who exist. */
  async users(userIds: readonly string[]): Promise<Profile[]> {
    return (await this.#http.call("GET /api/users", { query: { ids: userIds.join(",") } })).users.map(profileOf);
  }

  // ── chats ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  chats(before?: string): Promise<contracts.ChatList> {
    return this.#http.call("GET /api/chats", { query: { before, limit: 100 } });
  }

  chat(chatId: string): Promise<ChatView> {
    return this.#http.call("GET /api/chats/{chat_id}", { path: { chat_id: chatId } });
  }

  createChat(wish: v.InferInput<typeof vCreateChat>): Promise<ChatView> {
    return this.#http.call("POST /api/chats", { body: wish });
  }

  rename(chatId: string, name: string): Promise<ChatView> {
    return this.#http.call("PATCH /api/chats/{chat_id}", { path: { chat_id: chatId }, body: { name } });
  }

  /** Changes what this person wants of a chat; what is not given stays. */
  prefer(chatId: string, body: v.InferInput<typeof vEditPreferences>): Promise<ChatView["preferences"]> {
    return this.#http.call("PATCH /api/chats/{chat_id}/preferences", { path: { chat_id: chatId }, body });
  }

  addMembers(chatId: string, userIds: string[]): Promise<ChatView> {
    return this.#http.call("POST /api/chats/{chat_id}/members", { path: { chat_id: chatId }, body: { userIds } });
  }

  async removeMember(chatId: string, userId: string): Promise<void> {
    const path = { chat_id: chatId, user_id: userId };
    await this.#http.call("DELETE /api/chats/{chat_id}/members/{user_id}", { path });
  }

  setRole(chatId: string, userId: string, role: Role): Promise<ChatView> {
    const path = { chat_id: chatId, user_id: userId };
    return this.#http.call("PUT /api/chats/{chat_id}/members/{user_id}/role", { path, body: { role } });
  }

  async leave(chatId: string): Promise<void> {
    await this.#http.call("POST /api/chats/{chat_id}/leave", { path: { chat_id: chatId } });
  }

  // ── messages ──────────────────────────────────────────────────────────────────────────────────────────────────────

  page(chatId: string, query: PageQuery): Promise<Page> {
    return this.#http.call("GET /api/chats/{chat_id}/messages", { path: { chat_id: chatId }, query: { ...query } });
  }

  /** Idempotent by `clientId`: the same again gives the same place. */
  async put(chatId: string, clientId: string, body: SealedBody): Promise<Place> {
    const path = { chat_id: chatId, client_id: clientId };
    return placeOf(await this.#http.call("PUT /api/chats/{chat_id}/messages/{client_id}", { path, body }));
  }

  /** Takes the content of a message away for everybody: one's own, or as an admin anybody's. */
  async redact(chatId: string, seq: number): Promise<void> {
    await this.#http.call("POST /api/chats/{chat_id}/redactions", { path: { chat_id: chatId }, body: { seq } });
  }
}

export type { Envelope };
