import { LogOut } from "lucide-react";
import { useState } from "react";

import { asApiError } from "@/core/errors.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Confirm } from "@/ui/confirm.tsx";
import { toast } from "@/ui/toast-store.ts";

/** Where the conversation about leaving stands; `unsent` counts what would be lost. */
type Step = { at: "no" } | { at: "ask"; unsent: number } | { at: "force" };

/** Signs out after saying what that does here; when the server cannot be told, offers to do it here alone. */
export function SignOut() {
  const t = useT();
  const services = useServices();
  const say = useProblem();
  const [step, setStep] = useState<Step>({ at: "no" });
  const [busy, setBusy] = useState(false);

  const ask = async (): Promise<void> => setStep({ at: "ask", unsent: await services.session.unsent() });

  const leave = async (force: boolean): Promise<void> => {
    setBusy(true);
    try {
      await services.session.signOut({ force });
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error.retryable && !force) setStep({ at: "force" });
      else toast(say(error), "danger");
    } finally {
      setBusy(false);
    }
  };

  const { state, recoveryAt, passkeyAt } = useLive(services.keys.state);
  const noWayBack = state === "ready" && recoveryAt === null && passkeyAt === null;
  const unsent = step.at === "ask" ? step.unsent : 0;
  const lost = [
    unsent > 0 ? t("settings.signOutUnsent", { count: unsent }) : "",
    noWayBack ? t("settings.signOutNoCode") : "",
    t("settings.signOutText"),
  ];
  return (
    <>
      <div className="flex justify-center">
        <Button look="quiet-danger" onClick={() => void ask()}>
          <LogOut aria-hidden="true" />
          {t("settings.signOut")}
        </Button>
      </div>
      <Confirm
        open={step.at !== "no"}
        title={step.at === "force" ? t("settings.forceTitle") : t("settings.signOutTitle")}
        text={step.at === "force" ? t("settings.forceText") : lost.filter(Boolean).join(" ")}
        confirmLabel={step.at === "force" ? t("settings.force") : t("settings.signOut")}
        cancelLabel={t("common.cancel")}
        danger={step.at === "force" || unsent > 0 || noWayBack}
        busy={busy}
        onConfirm={() => void leave(step.at === "force")}
        onCancel={() => setStep({ at: "no" })}
      />
    </>
  );
}
