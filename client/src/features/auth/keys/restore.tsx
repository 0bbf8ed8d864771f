import { useState } from "react";

import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Form } from "@/ui/form.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { toast } from "@/ui/toast-store.ts";

import { useDesk } from "./use-desk.ts";

const OWNERS = { wrong_recovery_code: "code", not_found: "code" };

/** Opens the messages with the recovery code. */
export function Restore() {
  const t = useT();
  const desk = useDesk();
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const submit = useSubmit(async () => {
    await desk((it) => it.restore(code));
    toast(t("keys.opened"), "good");
  }, OWNERS);
  const missing = tried && code.trim() === "" ? t("keys.needCode") : null;
  return (
    <>
      <p className="text-ink-soft text-pretty">{t("keys.restoreText")}</p>
      <div className="-mt-4 max-w-lg">
        <Form
          submit={submit}
          label={t("keys.open")}
          check={() => {
            setTried(true);
            return code.trim() !== "";
          }}
        >
          <TextField
            label={t("keys.recoveryCode")}
            hint={t("keys.recoveryHint")}
            autoComplete="off"
            autoCapitalize="characters"
            autoCorrect="off"
            spellCheck={false}
            enterKeyHint="go"
            value={code}
            error={submit.fields["code"] ?? missing}
            onChange={(event) => {
              setCode(event.target.value);
              submit.changed("code");
            }}
          />
        </Form>
      </div>
    </>
  );
}
