import { useState } from "react";

import type { ProofMethod } from "@/core/services.ts";
import { passkeysSupported } from "@/hooks/passkey.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { TextButton } from "@/ui/text-button.tsx";

import { ByApp } from "./by-app.tsx";
import { ByCode } from "./by-code.tsx";
import { ByPasskey } from "./by-passkey.tsx";
import { ByPassword } from "./by-password.tsx";

/** The easiest first. */
const ORDER: readonly ProofMethod[] = ["passkey", "password", "totp", "code"];

/**
 * Asks the person to prove once more who they are, whenever a request waits for that; the request goes on, or is called
 * off, with the answer.
 */
export function StepUpDialog() {
  const t = useT();
  const { stepUp } = useServices();
  const wanted = useLive(stepUp.wanted);
  return (
    <Dialog
      topmost
      open={wanted !== null}
      onClose={() => stepUp.answer(false)}
      title={t("stepUp.title")}
      description={t("stepUp.text")}
      closeLabel={t("common.close")}
    >
      <div className="px-6 pt-2 pb-6">
        {wanted && <Ways methods={ORDER.filter((each) => wanted.includes(each) && (each !== "passkey" || passkeysSupported()))} onProved={() => stepUp.answer(true)} />}
      </div>
    </Dialog>
  );
}

function Ways({ methods, onProved }: { methods: readonly ProofMethod[]; onProved: () => void }) {
  const t = useT();
  const [chosen, setChosen] = useState(methods[0]);
  if (!chosen) return <p className="text-ink-soft text-pretty">{t("stepUp.noWay")}</p>;
  const others = methods.filter((each) => each !== chosen);
  return (
    <>
      <Way key={chosen} method={chosen} onProved={onProved} />
      {others.length > 0 && (
        <div className="mt-5 flex flex-wrap items-center gap-x-5 gap-y-1 text-sm text-ink-soft">
          {others.map((method) => (
            <TextButton key={method} onPress={() => setChosen(method)}>
              {t(`stepUp.${method}`)}
            </TextButton>
          ))}
        </div>
      )}
    </>
  );
}

function Way({ method, onProved }: { method: ProofMethod; onProved: () => void }) {
  switch (method) {
    case "password":
      return <ByPassword onProved={onProved} />;
    case "totp":
      return <ByApp onProved={onProved} />;
    case "code":
      return <ByCode onProved={onProved} />;
    case "passkey":
      return <ByPasskey onProved={onProved} />;
  }
}
