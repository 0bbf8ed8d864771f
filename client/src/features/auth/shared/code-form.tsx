import { useEffect, useState, type ReactNode } from "react";

import type { CodeSent } from "@/core/identity/entrance.ts";
import { useCountdown } from "@/hooks/countdown.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { CodeField } from "@/ui/code-field.tsx";
import { ConsoleNote } from "@/ui/console-note.tsx";
import { Form } from "@/ui/form.tsx";
import { LiveRegion } from "@/ui/live-region.tsx";
import { TextButton } from "@/ui/text-button.tsx";


const DIGITS = 6;
/** Refusals that are about the code. */
const OWNERS = { invalid_code: "code" };

export interface CodeFormProps {
  sent: CodeSent;
  /** On the button. */
  label: string;
  /** Shows the code to the server; rejects with `invalid_code`. */
  onCode: (code: string) => Promise<void>;
  /** Asks for another letter. */
  onResend: () => Promise<void>;
  /** Other ways out, beside "send again". */
  children?: ReactNode;
}

/** Six digits from a letter. They are sent as soon as the last one is there. */
export function CodeForm({ sent, label, onCode, onResend, children }: CodeFormProps) {
  const t = useT();
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const submit = useSubmit(() => onCode(code), OWNERS);
  const resend = useSubmit(onResend);
  const [again, setAgain] = useState(0);
  const wait = useCountdown(sent);
  const complete = code.length === DIGITS;

  // Once for each code: a wrong one stays to be looked at.
  useEffect(() => {
    if (complete) void submit.run();
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [code, complete]);

  const sendAgain = async (): Promise<void> => {
    setCode("");
    setTried(false);
    submit.changed("code");
    await resend.run();
    setAgain((count) => count + 1);
  };

  return (
    <>
      {sent.delivery === "console" && (
        <div className="mb-5">
          <ConsoleNote text={t("forms.onConsole")} />
        </div>
      )}
      <Form
        submit={{ ...submit, problem: submit.problem ?? resend.problem }}
        label={label}
        check={() => {
          setTried(true);
          return complete;
        }}
      >
        <CodeField
          label={t("forms.code")}
          name="code"
          enterKeyHint="go"
          value={code}
          error={submit.fields["code"] ?? (tried && !complete ? t("forms.shortCode") : null)}
          onChange={(next) => {
            setCode(next);
            submit.changed("code");
          }}
        />
      </Form>
      <div className="mt-5 flex flex-wrap items-center gap-x-5 gap-y-1">
        {wait > 0 ? (
          <span className="min-h-6 text-sm text-ink-soft tabular-nums">{t("forms.resendIn", { count: wait })}</span>
        ) : (
          <TextButton busy={resend.busy} disabled={resend.waiting} onPress={() => void sendAgain()}>
            {t("forms.resend")}
          </TextButton>
        )}
        {children}
      </div>
      <LiveRegion text={again > 0 && !resend.busy && !resend.problem ? t("forms.sentAgain", { count: again }) : ""} />
    </>
  );
}
