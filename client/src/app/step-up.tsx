import { useState } from "react";

import { useLive, useServices } from "@/hooks/services.ts";

import { onDemand, withWords } from "./on-demand.tsx";

const StepUp = onDemand(
  async () => (await withWords(import("@/features/auth/step-up/index.ts"), "stepUp", "forms")).StepUpDialog,
);

/** The window that asks once more who this is; its code is fetched with the first request that waits for it. */
export function StepUpWindow() {
  const wanted = useLive(useServices().stepUp.wanted);
  const [ever, setEver] = useState(false);
  if (wanted !== null && !ever) setEver(true);
  return ever ? <StepUp /> : null;
}
