import { useEffect, useState } from "react";

import type { Entrance, EntranceOptions } from "@/core/identity/entrance.ts";

export interface OptionsState {
  /** undefined: not here yet. */
  options: EntranceOptions | undefined;
  /** The options, asked for again when that failed before. Rejects with `ApiError`. */
  get: () => Promise<EntranceOptions>;
}

/** How one signs up and in on this server; asked for once per page. */
export function useEntranceOptions(entrance: Entrance): OptionsState {
  const [options, setOptions] = useState<EntranceOptions>();

  useEffect(() => {
    const ask = async (): Promise<void> => {
      try {
        setOptions(await entrance.options());
      } catch {
        // Whoever needs them asks again, and is told what is wrong.
      }
    };
    void ask();
  }, [entrance]);

  const get = async (): Promise<EntranceOptions> => {
    if (options) return options;
    const answer = await entrance.options();
    setOptions(answer);
    return answer;
  };
  return { options, get };
}
