import { useState } from "react";

import { SecondFactor, type Setup } from "@/core/identity/second-factor.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { CodeField } from "@/ui/code-field.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { QrCode } from "@/ui/qr-code.tsx";

import { Copy, SecretText } from "../shared/secret-text.tsx";

const DIGITS = 6;

export interface SetupDialogProps {
  /** What the app must learn; null: the window is closed. */
  setup: Setup | null;
  onClose: () => void;
  /** It is on; these are the recovery codes. */
  onOn: (codes: readonly string[]) => void;
}

/** Teaches an authenticator app the secret, and sees that it has learnt it. */
export function SetupDialog({ setup, onClose, onOn }: SetupDialogProps) {
  const t = useT();
  return (
    <Dialog open={setup !== null} onClose={onClose} title={t("security.setupTitle")} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-5 px-6 pt-1 pb-6">{setup && <Learn setup={setup} onOn={onOn} />}</div>
    </Dialog>
  );
}

function Learn({ setup, onOn }: { setup: Setup; onOn: (codes: readonly string[]) => void }) {
  const t = useT();
  const secondFactor = useIdentity(SecondFactor);
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const submit = useSubmit(async () => onOn(await secondFactor.confirm(code)), { invalid_code: "code" });
  return (
    <>
      <p className="text-ink-soft text-pretty">{t("security.scan")}</p>
      <div className="flex justify-center">
        <QrCode text={setup.uri} label={t("security.qr")} />
      </div>
      <div className="flex flex-col gap-2">
        <p className="text-sm text-ink-soft">{t("security.byHand")}</p>
        <SecretText text={inFours(setup.secret)} label={t("security.key")} />
        <div>
          <Copy text={setup.secret} label={t("security.copyKey")} />
        </div>
      </div>
      <Form
        submit={submit}
        label={t("security.turnOn")}
        check={() => {
          setTried(true);
          return code.length === DIGITS;
        }}
      >
        <CodeField
          label={t("security.codeOfApp")}
          enterKeyHint="go"
          value={code}
          error={submit.fields["code"] ?? (tried && code.length < DIGITS ? t("forms.shortCode") : null)}
          onChange={(next) => {
            setCode(next);
            submit.changed("code");
          }}
        />
      </Form>
    </>
  );
}

/** Easier to type than one long word. */
const inFours = (secret: string): string => secret.match(/.{1,4}/g)?.join(" ") ?? secret;
