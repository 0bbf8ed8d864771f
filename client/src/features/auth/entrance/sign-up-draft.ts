// What somebody who signs up has told so far, and which step that allows.

import type { ApiError } from "@/core/errors.ts";
import type { CodeSent, EntranceOptions } from "@/core/identity/entrance.ts";

export type Step = "address" | "code" | "name" | "secret";
export const STEPS: readonly [Step, ...Step[]] = ["address", "code", "name", "secret"];

export interface Draft {
  email: string;
  /** The letter to `email`; null: none was asked for. */
  sent: CodeSent | null;
  /** What `email` was proved with; null: it was not, or need not be. */
  ticket: string | null;
  username: string;
  displayName: string;
  /** What the server refused in the end, to be told at its field. */
  refused: { field: "email" | "username" | "displayName"; text: string } | null;
}

export const EMPTY: Draft = { email: "", sent: null, ticket: null, username: "", displayName: "", refused: null };

/** The steps on this server. */
export const stepsOf = (options: EntranceOptions): readonly Step[] =>
  options.verifyEmail ? STEPS : STEPS.filter((step) => step !== "code");

/** Whether a step may be shown with what is known. After a reload only the first may. */
export function reachable(step: Step, draft: Draft, verifyEmail: boolean): boolean {
  switch (step) {
    case "address":
      return true;
    case "code":
      return draft.sent !== null;
    case "name":
      return draft.email !== "" && (!verifyEmail || draft.ticket !== null);
    case "secret":
      return reachable("name", draft, verifyEmail) && draft.username !== "";
  }
}

/** The draft with another address: what was proved of the one before says nothing of it. */
export const withEmail = (draft: Draft, email: string): Draft =>
  email === draft.email ? { ...draft, refused: null } : { ...draft, email, sent: null, ticket: null, refused: null };

/** A refusal of the whole that belongs to an earlier step; `words` say it unless the server has better ones. */
export function refusalOf({ code, fields }: ApiError, words: string): Draft["refused"] {
  if (code === "address_unverified" || code === "email_taken") return { field: "email", text: words };
  if (code === "username_taken") return { field: "username", text: words };
  const field = (["email", "username", "displayName"] as const).find((each) => fields[each] !== undefined);
  return field ? { field, text: fields[field] ?? words } : null;
}
