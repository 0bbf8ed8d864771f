import { useState } from "react";

import { SCOPES, Sessions, type Scope } from "@/core/identity/sessions.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { CheckField } from "@/ui/check-field.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { RadioGroup } from "@/ui/radio-group.tsx";
import { TextField } from "@/ui/text-field.tsx";

import { Copy, SecretText } from "../shared/secret-text.tsx";
import { scopeWords } from "./scopes.ts";

/** Days that a token may be good for. */
const TERMS = { "30": 30, "365": 365, none: null } as const;
type Term = keyof typeof TERMS;
const FIRST: ReadonlySet<Scope> = new Set(["messages:read", "chats:read"]);

export interface NewTokenProps {
  open: boolean;
  onClose: () => void;
  onMade: () => void;
}

/** Makes a token for a program, and shows it: the only time that anybody can see it. */
export function NewToken({ open, onClose, onMade }: NewTokenProps) {
  const t = useT();
  const [token, setToken] = useState<string | null>(null);
  const close = (): void => {
    onClose();
    setToken(null);
  };
  return (
    <Dialog open={open} onClose={close} title={token ? t("devices.tokenMade") : t("devices.newToken")} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-5 px-6 pt-1 pb-6">
        {token ? (
          <>
            <p className="text-ink-soft text-pretty">{t("devices.tokenOnce")}</p>
            <SecretText text={token} label={t("devices.token")} />
            <div className="flex flex-wrap justify-end gap-2">
              <Copy text={token} />
              <Button size="sm" onClick={close}>
                {t("common.done")}
              </Button>
            </div>
          </>
        ) : (
          <TokenForm
            onToken={(made) => {
              setToken(made);
              onMade();
            }}
          />
        )}
      </div>
    </Dialog>
  );
}

function TokenForm({ onToken }: { onToken: (token: string) => void }) {
  const t = useT();
  const sessions = useIdentity(Sessions);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState(FIRST);
  const [term, setTerm] = useState<Term>("365");
  const [tried, setTried] = useState(false);
  const submit = useSubmit(async () =>
    onToken(await sessions.makeToken(name.trim(), SCOPES.filter((each) => scopes.has(each)), TERMS[term])),
  );
  const toggle = (scope: Scope, on: boolean): void => {
    const next = new Set(scopes);
    if (on) next.add(scope);
    else next.delete(scope);
    setScopes(next);
  };

  return (
    <Form
      submit={submit}
      label={t("devices.makeToken")}
      check={() => {
        setTried(true);
        return name.trim() !== "" && scopes.size > 0;
      }}
    >
      <TextField
        label={t("devices.tokenName")}
        hint={t("devices.tokenNameHint")}
        value={name}
        autoComplete="off"
        maxLength={64}
        error={tried && !name.trim() ? t("devices.needName") : (submit.fields["name"] ?? null)}
        onChange={(event) => {
          setName(event.target.value);
          submit.changed("name");
        }}
      />
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1.5 text-sm font-semibold text-ink">{t("devices.mayDo")}</legend>
        {SCOPES.map((scope) => (
          <CheckField
            key={scope}
            label={scopeWords(scope, t)}
            checked={scopes.has(scope)}
            onChange={(on) => toggle(scope, on)}
          />
        ))}
        {tried && scopes.size === 0 && <p role="alert" className="text-sm text-danger">{t("devices.needScope")}</p>}
      </fieldset>
      <div className="flex flex-col gap-1.5">
        <span className="text-sm font-semibold text-ink">{t("devices.goodFor")}</span>
        <RadioGroup
          label={t("devices.goodFor")}
          value={term}
          onChange={setTerm}
          options={[
            { value: "30", label: t("forms.days", { count: 30 }) },
            { value: "365", label: t("devices.oneYear") },
            { value: "none", label: t("devices.always") },
          ]}
        />
      </div>
    </Form>
  );
}
