import { MailCheck, MailQuestion } from "lucide-react";
import { useState } from "react";

import type { CodeSent } from "@/core/identity/entrance.ts";
import { OwnAccount } from "@/core/identity/own-account.ts";
import type { Me } from "@/core/services.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { checkEmail } from "@/hooks/rules.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { Section } from "@/ui/section.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { toast } from "@/ui/toast-store.ts";

import { CodeForm } from "../shared/code-form.tsx";

/** Where the account's letters go. Another address is proved by a code before it counts. */
export function AddressSection({ me }: { me: Me }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const Icon = me.verified ? MailCheck : MailQuestion;
  return (
    <Section title={t("forms.email")}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0">
          <p className="font-semibold wrap-anywhere">{me.email}</p>
          <p className="flex items-center gap-1.5 text-sm text-ink-soft">
            <Icon aria-hidden="true" className="size-4 shrink-0" />
            {t(me.verified ? "account.verified" : "account.unverified")}
          </p>
        </div>
        <Button look="soft" size="sm" onClick={() => setOpen(true)}>
          {t("account.changeAddress")}
        </Button>
      </div>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t("account.changeAddress")}
        description={t("account.addressText")}
        closeLabel={t("common.close")}
      >
        <div className="px-6 pt-2 pb-6">
          <Steps onDone={() => setOpen(false)} />
        </div>
      </Dialog>
    </Section>
  );
}

function Steps({ onDone }: { onDone: () => void }) {
  const t = useT();
  const account = useIdentity(OwnAccount);
  const [letter, setLetter] = useState<{ email: string; sent: CodeSent } | null>(null);
  const ask = async (email: string): Promise<void> => setLetter({ email, sent: await account.requestAddress(email) });

  if (!letter) return <NewAddress onAddress={ask} />;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-soft text-pretty wrap-anywhere">{t("account.codeText", { email: letter.email })}</p>
      <div>
        <CodeForm
          sent={letter.sent}
          label={t("account.confirmAddress")}
          onCode={async (code) => {
            await account.confirmAddress(letter.email, code);
            toast(t("account.addressChanged"), "good");
            onDone();
          }}
          onResend={() => ask(letter.email)}
        />
      </div>
    </div>
  );
}

function NewAddress({ onAddress }: { onAddress: (email: string) => Promise<void> }) {
  const t = useT();
  const [email, setEmail] = useState("");
  const [judged, setJudged] = useState(false);
  const submit = useSubmit(() => onAddress(email.trim()), { email_taken: "email" });
  const problem = judged ? checkEmail(email) : null;
  return (
    <Form
      submit={submit}
      label={t("forms.sendCode")}
      check={() => {
        setJudged(true);
        return checkEmail(email) === null;
      }}
    >
      <TextField
        label={t("account.newAddress")}
        type="email"
        name="email"
        inputMode="email"
        autoComplete="email"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="send"
        value={email}
        error={(problem && t(problem.key)) ?? submit.fields["email"] ?? null}
        onChange={(event) => {
          setEmail(event.target.value);
          submit.changed("email");
        }}
        onBlur={() => email && setJudged(true)}
      />
    </Form>
  );
}
