import { useEffect, useEffectEvent } from "react";

import { forgetArrival, readArrival } from "@/hooks/arrival.ts";
import { useArrivalProblem } from "@/hooks/arrival-problem.ts";
import { useT } from "@/i18n/index.ts";
import { toast } from "@/ui/toast-store.ts";

/** Whoever went to link an account elsewhere comes back here: says how it went. */
export function useReturn(): void {
  const t = useT();
  const say = useArrivalProblem();
  const tell = useEffectEvent((): void => {
    const arrival = readArrival();
    if (arrival.at === "linked") toast(t("security.linkedNow"), "good");
    else if (arrival.at === "refused") toast(say(arrival.code), "danger");
    forgetArrival();
  });
  useEffect(() => tell(), []);
}
