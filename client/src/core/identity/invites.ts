// Links that bring people in.

import { profileOf } from "../api/api.ts";
import { millis, type InviteView } from "../contracts/index.ts";
import type { Profile, Services } from "../services.ts";
import { callsOver, type Call } from "./calls.ts";

/** A link of one's own. Times in milliseconds since the epoch. */
export interface Invite {
  id: string;
  uses: number;
  maxUses: number;
  expiresAt: number;
  /** It brings nobody in any more. */
  over: boolean;
  note: string;
  createdAt: number;
}

export interface MadeInvite {
  invite: Invite;
  url: string;
  /** Whose keys are known by the link. */
  proves?: "maker" | "both";
}

export interface InviteWish {
  maxUses: number;
  expiresInDays: number;
  note: string;
}

/** What a link says to whoever opens it. */
export interface Invitation {
  inviter: Profile;
  expiresAt: number;
}

export class Invites {
  readonly #call: Call;

  constructor({ rest }: Pick<Services, "rest">) {
    this.#call = callsOver(rest);
  }

  async list(): Promise<Invite[]> {
    return (await this.#call("GET /api/invites")).invites.map(inviteOf);
  }

  /** The server keeps only a hash of the link: it is told now or never. */
  async make({ maxUses, expiresInDays, note }: InviteWish): Promise<MadeInvite> {
    const body = { maxUses, expiresInDays, ...(note ? { note } : {}) };
    const { invite } = await this.#call("POST /api/invites", { body });
    if (!invite.url) throw new TypeError("an invitation was made without its link");
    return { invite: inviteOf(invite), url: invite.url };
  }

  async revoke(id: string): Promise<void> {
    await this.#call("DELETE /api/invites/{invite}", { path: { invite: id } });
  }

  /** Who invites. Rejects with `invite_invalid`. */
  async look(code: string): Promise<Invitation> {
    const { inviter, expiresAt } = await this.#call("GET /api/invites/{invite}", { path: { invite: code } });
    return { inviter: profileOf(inviter), expiresAt: millis(expiresAt) };
  }

  /** The chat with the inviter. */
  async accept(code: string): Promise<string> {
    return (await this.#call("POST /api/invites/{invite}/accept", { path: { invite: code } })).chatId;
  }
}

const inviteOf = (invite: InviteView): Invite => ({
  id: invite.id,
  uses: invite.uses,
  maxUses: invite.maxUses,
  expiresAt: millis(invite.expiresAt),
  over: invite.uses >= invite.maxUses || millis(invite.expiresAt) <= Date.now(),
  note: invite.note,
  createdAt: millis(invite.createdAt),
});
