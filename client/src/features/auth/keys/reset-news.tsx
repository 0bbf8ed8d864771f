import { TriangleAlert } from "lucide-react";

import type { KeysState } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { useDesk } from "./use-desk.ts";

/** Somebody starts over with this account: when, and how to say no. */
export function ResetNews({ keys }: { keys: KeysState }) {
  const t = useT();
  const format = useFormat();
  const desk = useDesk();
  const { busy, problem, run } = useAction();
  const at = keys.resetAt ?? 0;
  return (
    <>
      <Banner icon={TriangleAlert} tone={keys.resetHere ? "note" : "danger"} shape="card">
        {t(keys.resetHere ? "keys.resetHere" : "keys.resetElsewhere", { day: format.day(at), time: format.time(at) })}
        <div className="mt-2.5 mb-1">
          <Button size="sm" look="outline" busy={busy} onClick={() => void run(() => desk((it) => it.keepKeys()))}>
            {t("keys.cancelReset")}
          </Button>
        </div>
      </Banner>
      {problem && <Trouble>{problem}</Trouble>}
    </>
  );
}
