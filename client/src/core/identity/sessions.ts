// Where one is signed in: browsers, and programs with tokens.

import { millis } from "../contracts/index.ts";
import type { Services } from "../services.ts";
import { callsOver, type Call } from "./calls.ts";

export interface DeviceWords {
  browser: string | null;
  os: string | null;
  kind: "phone" | "tablet" | "computer" | "other";
}

/** One browser that is signed in. Times in milliseconds since the epoch. */
export interface SessionItem {
  id: string;
  /** It is this one. */
  current: boolean;
  device: DeviceWords;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
}

export const SCOPES = [
  "messages:read",
  "messages:write",
  "chats:read",
  "chats:write",
  "profile:read",
  "profile:write",
] as const;
export type Scope = (typeof SCOPES)[number];

/** What a program signs in with. */
export interface ApiToken {
  id: string;
  name: string;
  scopes: readonly string[];
  createdAt: number;
  /** null: never used. */
  lastUsedAt: number | null;
  /** null: never. */
  expiresAt: number | null;
}

const maybe = (time: string | null | undefined): number | null => (time == null ? null : millis(time));

export class Sessions {
  readonly #call: Call;

  constructor({ rest }: Pick<Services, "rest">) {
    this.#call = callsOver(rest);
  }

  /** This browser first, then the last used first. */
  async list(): Promise<SessionItem[]> {
    const { sessions } = await this.#call("GET /api/auth/sessions");
    return sessions
      .map((each) => ({
        id: each.id,
        current: each.current,
        device: { browser: each.device.browser ?? null, os: each.device.os ?? null, kind: each.device.kind },
        createdAt: millis(each.createdAt),
        lastSeenAt: millis(each.lastSeenAt),
        expiresAt: millis(each.expiresAt),
      }))
      .toSorted((a, b) => Number(b.current) - Number(a.current) || b.lastSeenAt - a.lastSeenAt);
  }

  async end(id: string): Promise<void> {
    await this.#call("DELETE /api/auth/sessions/{session_id}", { path: { session_id: id } });
  }

  /** How many ended. */
  async endOthers(): Promise<number> {
    return (await this.#call("POST /api/auth/sessions/revoke-others")).ended;
  }

  async tokens(): Promise<ApiToken[]> {
    const { tokens } = await this.#call("GET /api/auth/tokens");
    return tokens.map((each) => ({
      id: each.id,
      name: each.name,
      scopes: each.scopes,
      createdAt: millis(each.createdAt),
      lastUsedAt: maybe(each.lastUsedAt),
      expiresAt: maybe(each.expiresAt),
    }));
  }

  /** The token itself: the server never tells it again. Without days it is good until it is revoked. */
  async makeToken(name: string, scopes: readonly Scope[], expiresInDays: number | null): Promise<string> {
    const body = { name, scopes, ...(expiresInDays === null ? {} : { expiresInDays }) };
    return (await this.#call("POST /api/auth/tokens", { body })).token;
  }

  async revokeToken(id: string): Promise<void> {
    await this.#call("DELETE /api/auth/tokens/{token_id}", { path: { token_id: id } });
  }
}
