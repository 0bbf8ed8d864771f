import { useState } from "react";

import type { CodeSent } from "@/core/identity/entrance.ts";
import { Proof } from "@/core/identity/proof.ts";
import { useAction } from "@/hooks/action.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useMe } from "@/hooks/me.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { CodeForm } from "../shared/code-form.tsx";

/** By a code to one's own address; the letter leaves when the person asks for it. */
export function ByCode({ onProved }: { onProved: () => void }) {
  const t = useT();
  const me = useMe();
  const proof = useIdentity(Proof);
  const { busy, problem, run } = useAction();
  const [sent, setSent] = useState<CodeSent | null>(null);
  const ask = async (): Promise<void> => setSent(await proof.requestCode());

  if (sent) {
    return (
      <CodeForm
        sent={sent}
        label={t("common.continue")}
        onCode={async (code) => {
          await proof.byCode(code);
          onProved();
        }}
        onResend={ask}
      />
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-soft text-pretty wrap-anywhere">{t("stepUp.codeText", { email: me?.email ?? "" })}</p>
      {problem && <Trouble>{problem}</Trouble>}
      <Button wide busy={busy} onClick={() => void run(ask)}>
        {t("forms.sendCode")}
      </Button>
    </div>
  );
}
