import { Fingerprint } from "lucide-react";

import { Proof } from "@/core/identity/proof.ts";
import { useAction } from "@/hooks/action.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { askForPasskey } from "@/hooks/passkey.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Trouble } from "@/ui/trouble.tsx";

/** By a passkey. */
export function ByPasskey({ onProved }: { onProved: () => void }) {
  const t = useT();
  const proof = useIdentity(Proof);
  const { busy, problem, run } = useAction();
  const prove = async (): Promise<void> => {
    await proof.byPasskey(askForPasskey);
    onProved();
  };
  return (
    <div className="flex flex-col gap-4">
      {problem && <Trouble>{problem}</Trouble>}
      <Button wide busy={busy} onClick={() => void run(prove)}>
        <Fingerprint aria-hidden="true" />
        {t("stepUp.usePasskey")}
      </Button>
    </div>
  );
}
