import { useEffect, useState } from "react";

import { Recovery } from "@/core/identity/recovery.ts";

import { useIdentity } from "./identity.ts";
import { checkPassword } from "./rules.ts";

/** What the server says of a password that keeps our own rules. */
export interface PasswordJudgement {
  /** false: not known, or fine. */
  refused: boolean;
  /** Why, in the server's words. */
  reason: string | null;
}

const NOTHING: PasswordJudgement = { refused: false, reason: null };
/** How long the person must pause, in ms, before the server is asked. */
const PAUSE = 500;

/** Whether the server would take the password: some are tried first by everybody. Asked once typing pauses. */
export function usePasswordJudgement(password: string, names: { username?: string; email?: string }): PasswordJudgement {
  const recovery = useIdentity(Recovery);
  const { username = "", email = "" } = names;
  const possible = password !== "" && checkPassword(password) === null;
  const [answer, setAnswer] = useState<PasswordJudgement & { password: string }>({ ...NOTHING, password: "" });

  useEffect(() => {
    if (!possible) return;
    let current = true;
    const ask = async (): Promise<void> => {
      try {
        const { acceptable, reason } = await recovery.check(password, { username, email });
        if (current) setAnswer({ password, refused: !acceptable, reason });
      } catch {
        // No network or too many questions: saving it will tell.
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [recovery, password, username, email, possible]);

  return possible && answer.password === password ? answer : NOTHING;
}
