import { Fingerprint } from "lucide-react";
import { useState } from "react";

import { useAction } from "@/hooks/action.ts";
import { useEntrance } from "@/hooks/identity.ts";
import { createPasskey, passkeysSupported } from "@/hooks/passkey.ts";
import { checkPassword } from "@/hooks/rules.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Form } from "@/ui/form.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { NewPassword } from "../shared/new-password.tsx";
import { Or } from "./or.tsx";
import type { Draft } from "./sign-up-draft.ts";
import type { Secret } from "./use-sign-up.ts";

export interface SecretStepProps {
  draft: Draft;
  /** Passkeys work on this server. */
  passkeys: boolean;
  onSecret: (secret: Secret) => Promise<void>;
}

/** The last step: what keeps others out. */
export function SecretStep({ draft, passkeys, onSecret }: SecretStepProps) {
  const t = useT();
  const [password, setPassword] = useState("");
  const [judged, setJudged] = useState(false);
  const submit = useSubmit(() => onSecret({ password }));
  return (
    <>
      <Form
        submit={submit}
        label={t("auth.signUp")}
        check={() => {
          setJudged(true);
          return checkPassword(password) === null;
        }}
      >
        <NewPassword
          username={draft.username}
          email={draft.email}
          value={password}
          judged={judged}
          refused={submit.fields["password"] ?? null}
          onJudge={() => setJudged(true)}
          onChange={(value) => {
            setPassword(value);
            submit.changed("password");
          }}
        />
      </Form>
      {passkeys && passkeysSupported() && (
        <>
          <Or />
          <PasskeyInstead draft={draft} onSecret={onSecret} />
        </>
      )}
    </>
  );
}

/** No password at all: the device, and the finger, face or PIN that opens it. */
function PasskeyInstead({ draft, onSecret }: Pick<SecretStepProps, "draft" | "onSecret">) {
  const t = useT();
  const entrance = useEntrance();
  const { busy, problem, run } = useAction();
  const create = async (): Promise<void> => {
    const { email, username, displayName } = draft;
    const options = await entrance.newPasskeyOptions({ email, username, ...(displayName ? { displayName } : {}) });
    await onSecret({ credential: await createPasskey(options) });
  };
  return (
    <div className="flex flex-col gap-3">
      {problem && <Trouble>{problem}</Trouble>}
      <Button look="outline" wide busy={busy} onClick={() => void run(create)}>
        <Fingerprint aria-hidden="true" />
        {t("auth.signUpWithPasskey")}
      </Button>
      <p className="text-sm text-ink-soft text-pretty">{t("auth.passkeyHint")}</p>
    </div>
  );
}
