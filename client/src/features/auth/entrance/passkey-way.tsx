import { Fingerprint } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";

import { useAction } from "@/hooks/action.ts";
import { useEntrance } from "@/hooks/identity.ts";
import { askForPasskey, offersPasskeys, stopWaiting, waitForPasskey } from "@/hooks/passkey.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Trouble } from "@/ui/trouble.tsx";

/**
 * Signing in with a passkey: by a button, and, where the browser can, from the list under the name field (conditional
 * mediation, WebAuthn Level 3 §5.1.4).
 */
export function PasskeyWay() {
  const t = useT();
  const entrance = useEntrance();
  const { busy, problem, run } = useAction();
  // The button's own request ends the waiting one; when it came to nothing, the list is offered again.
  const [round, setRound] = useState(0);

  const offer = useEffectEvent(async (isCurrent: () => boolean): Promise<void> => {
    try {
      if (!(await offersPasskeys())) return;
      const options = await entrance.passkeyOptions();
      if (!isCurrent()) return;
      const credential = await waitForPasskey(options);
      if (isCurrent()) await run(() => entrance.signInWithPasskey(credential));
    } catch {
      // Nobody asked for it aloud: the other ways are there.
    }
  });
  useEffect(() => {
    let current = true;
    void offer(() => current && round >= 0);
    return () => {
      current = false;
      stopWaiting();
    };
  }, [round]);

  const signIn = async (): Promise<void> => {
    const done = await run(async () => {
      const credential = await askForPasskey(await entrance.passkeyOptions());
      await entrance.signInWithPasskey(credential);
    });
    if (!done) setRound(round + 1);
  };
  return (
    <>
      {problem && <Trouble>{problem}</Trouble>}
      <Button look="outline" wide busy={busy} onClick={() => void signIn()}>
        <Fingerprint aria-hidden="true" />
        {t("auth.byPasskey")}
      </Button>
    </>
  );
}
