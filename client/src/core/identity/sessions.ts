// Where one is signed in.

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
}
