import { useEffect, useState } from "react";

import type { Entrance } from "@/core/identity/entrance.ts";
import { useEntrance } from "@/hooks/identity.ts";
import { passkeysMayKeepSecrets } from "@/hooks/passkey-secret.ts";

/** Whether the server takes passkeys at this address; false without an answer, since a code needs none to be written down. */
async function hasPasskeys(entrance: Entrance): Promise<boolean> {
  try {
    return (await entrance.options()).passkeys;
  } catch {
    return false;
  }
}

/** Whether a passkey may keep the key here; undefined: that is being found out. */
export function usePasskeyWay(): boolean | undefined {
  const entrance = useEntrance();
  const [possible, setPossible] = useState<boolean>();
  useEffect(() => {
    let current = true;
    const look = async (): Promise<void> => {
      const answer = (await passkeysMayKeepSecrets()) && (await hasPasskeys(entrance));
      if (current) setPossible(answer);
    };
    void look();
    return () => void (current = false);
  }, [entrance]);
  return possible;
}
