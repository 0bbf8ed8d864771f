import { useEffect, useState } from "react";

import { useEntrance } from "./identity.ts";
import { checkUsername } from "./rules.ts";

export type Availability = { state: "unknown" | "checking" | "free" | "taken"; username: string };

/** How long the person must pause, in ms, before the server is asked. */
const PAUSE = 350;

/** Whether the username may be had; asks the server once typing pauses. Without an answer nothing is said. */
export function useUsername(value: string): Availability {
  const entrance = useEntrance();
  const username = value.trim();
  const possible = checkUsername(username) === null;
  const [answer, setAnswer] = useState<Availability>({ state: "unknown", username: "" });

  useEffect(() => {
    if (!possible) return;
    let current = true;
    const ask = async (): Promise<void> => {
      let state: Availability["state"] = "unknown";
      try {
        state = (await entrance.checkUsername(username)).available ? "free" : "taken";
      } catch {
        // No network or too many questions: signing up will tell.
      }
      if (current) setAnswer({ state, username });
    };
    const timer = setTimeout(() => void ask(), PAUSE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [entrance, username, possible]);

  if (!possible) return { state: "unknown", username };
  return answer.username === username ? answer : { state: "checking", username };
}
