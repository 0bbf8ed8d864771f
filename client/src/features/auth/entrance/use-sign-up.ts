// What the steps of signing up ask of the server, and where each of them leads.

import { useState } from "react";

import { asApiError } from "@/core/errors.ts";
import type { Entrance, EntranceOptions } from "@/core/identity/entrance.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useSteps } from "@/hooks/steps.ts";

import { EMPTY, reachable, refusalOf, STEPS, withEmail, type Draft, type Step } from "./sign-up-draft.ts";

/** What keeps others out of the new account. */
export type Secret = { password: string } | { credential: unknown };

export interface SignUpWays {
  draft: Draft;
  step: Step;
  back: () => void;
  /** Each rejects with what belongs to the step that it was asked from. */
  askForCode: (email: string) => Promise<void>;
  takeAddress: (email: string) => Promise<void>;
  takeCode: (code: string) => Promise<void>;
  takeName: (username: string, displayName: string) => Promise<void>;
  /** Makes the account; false: something of an earlier step was refused, and that step is open again. */
  create: (secret: Secret) => Promise<boolean>;
}

export interface SignUpAround {
  entrance: Entrance;
  options: EntranceOptions | undefined;
  /** The options, asked for again when that failed before. */
  get: () => Promise<EntranceOptions>;
  invite: string | null;
}

export function useSignUp({ entrance, options, get, invite }: SignUpAround): SignUpWays {
  const say = useProblem();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const { step, go, back } = useSteps(STEPS, (each) => reachable(each, draft, options?.verifyEmail ?? true));

  const askForCode = async (email: string): Promise<void> => {
    const sent = await entrance.requestCode(email, "signup");
    setDraft((now) => ({ ...withEmail(now, email), sent }));
  };

  const takeAddress = async (email: string): Promise<void> => {
    const { verifyEmail } = await get();
    const proved = draft.ticket !== null && draft.email === email;
    if (verifyEmail && !proved) await askForCode(email);
    else setDraft((now) => withEmail(now, email));
    go(verifyEmail && !proved ? "code" : "name");
  };

  const takeCode = async (code: string): Promise<void> => {
    const ticket = await entrance.proveAddress(draft.email, code);
    setDraft((now) => ({ ...now, ticket }));
    go("name");
  };

  const takeName = async (username: string, displayName: string): Promise<void> => {
    setDraft({ ...draft, username, displayName, refused: null });
    go("secret");
  };

  const create = async (secret: Secret): Promise<boolean> => {
    const { email, username, displayName, ticket } = draft;
    try {
      await entrance.signUp({
        email,
        username,
        ...secret,
        ...(displayName ? { displayName } : {}),
        ...(ticket ? { ticket } : {}),
        ...(invite ? { invite } : {}),
      });
      return true;
    } catch (thrown) {
      const error = asApiError(thrown);
      const refusal = refusalOf(error, say(error));
      if (!refusal) throw error;
      // A proof that is not good any more has to be got anew.
      const unproved = error.code === "address_unverified" ? { ticket: null, sent: null } : {};
      setDraft({ ...draft, ...unproved, refused: refusal });
      go(refusal.field === "email" ? "address" : "name");
      return false;
    }
  };

  return { draft, step, back, askForCode, takeAddress, takeCode, takeName, create };
}
