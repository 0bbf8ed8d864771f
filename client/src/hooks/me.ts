// Who is signed in.

import type { Me } from "@/core/services.ts";

import { useLive, useServices } from "./services.ts";

/** One's own profile; null while nobody is signed in. */
export function useMe(): Me | null {
  const session = useLive(useServices().session.status);
  return session.state === "signedIn" ? session.me : null;
}
