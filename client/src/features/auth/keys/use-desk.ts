import { useCallback } from "react";

import type { KeyDesk } from "@/core/crypto/devices/desk.ts";
import { useServices } from "@/hooks/services.ts";

/** Does something about one's keys, with code that is fetched for it: `desk((it) => it.restore(code))`. */
export function useDesk(): <T>(work: (desk: KeyDesk) => T | Promise<T>) => Promise<T> {
  const { keys } = useServices();
  return useCallback(async (work) => work(await keys.desk()), [keys]);
}
