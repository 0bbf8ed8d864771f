import { useState } from "react";
import { Link } from "wouter";

import { asApiError } from "@/core/errors.ts";
import { useEntranceOptions } from "@/hooks/entrance-options.ts";
import { useEntrance } from "@/hooks/identity.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useSteps } from "@/hooks/steps.ts";
import { useT } from "@/i18n/index.ts";
import { linkClass } from "@/ui/link.ts";
import { LiveRegion } from "@/ui/live-region.tsx";
import { Steps } from "@/ui/steps.tsx";

import { CodeForm } from "../shared/code-form.tsx";
import { AuthPage } from "./auth-page.tsx";
import { EMPTY, reachable, STEPS, stepsOf, withEmail, type Draft } from "./sign-up-draft.ts";
import { AddressStep } from "./step-address.tsx";
import { NameStep } from "./step-name.tsx";
import { SecretStep } from "./step-secret.tsx";

export interface SignUpProps {
  signInHref: string;
}

/** A new account, in steps: address, the code that proves it, name, password. */
export function SignUp({ signInHref }: SignUpProps) {
  const t = useT();
  const say = useProblem();
  const entrance = useEntrance();
  const { options, get } = useEntranceOptions(entrance);
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const { step, go, back } = useSteps(STEPS, (each) => reachable(each, draft, options?.verifyEmail ?? true));
  const steps = options ? stepsOf(options) : null;
  const change = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));

  const askForCode = async (email: string): Promise<void> => {
    const sent = await entrance.requestCode(email, "signup");
    setDraft((now) => ({ ...withEmail(now, email), sent }));
  };

  const takeAddress = async (email: string): Promise<void> => {
    const { verifyEmail } = await get();
    const proved = draft.ticket !== null && draft.email === email;
    if (verifyEmail && !proved) await askForCode(email);
    else setDraft((now) => withEmail(now, email));
    go(verifyEmail && !proved ? "code" : "name");
  };

  const takeCode = async (code: string): Promise<void> => {
    change({ ticket: await entrance.proveAddress(draft.email, code) });
    go("name");
  };

  /** Creates the account; a refusal that belongs to an earlier step is told there. */
  const create = async (password: string): Promise<void> => {
    const { email, username, displayName, ticket } = draft;
    try {
      await entrance.signUp({
        email,
        username,
        password,
        ...(displayName ? { displayName } : {}),
        ...(ticket ? { ticket } : {}),
      });
    } catch (thrown) {
      const error = asApiError(thrown);
      const { code, fields } = error;
      if (code === "address_unverified") setDraft({ ...draft, ticket: null, sent: null, refused: { field: "email", text: say(error) } });
      else if (code === "email_taken" || fields["email"]) change({ refused: { field: "email", text: fields["email"] ?? say(error) } });
      else if (code === "username_taken" || fields["username"]) change({ refused: { field: "username", text: say(error) } });
      else if (fields["displayName"]) change({ refused: { field: "displayName", text: fields["displayName"] } });
      else throw error;
      go(code === "address_unverified" || code === "email_taken" || fields["email"] ? "address" : "name");
    }
  };

  const at = steps?.indexOf(step) ?? -1;
  const position = steps && at >= 0 ? t("auth.step", { at: at + 1, of: steps.length }) : "";
  const title = t(`auth.${step}Title`);
  return (
    <AuthPage
      title={title}
      text={step === "code" ? t("auth.codeText", { email: draft.email }) : t(`auth.${step}Text`)}
      steps={steps && at >= 0 ? <Steps at={at} of={steps.length} label={position} /> : <div className="h-5" />}
      onBack={step === "address" ? undefined : back}
      footer={
        step === "address" && (
          <>
            {t("auth.haveAccount")}
            <Link href={signInHref} className={linkClass}>
              {t("auth.signIn")}
            </Link>
          </>
        )
      }
    >
      <LiveRegion text={step === "address" ? "" : `${position}. ${title}`} />
      {step === "address" && <AddressStep draft={draft} onAddress={takeAddress} />}
      {step === "code" && draft.sent && (
        <CodeForm
          sent={draft.sent}
          label={t("common.continue")}
          onCode={takeCode}
          onResend={() => askForCode(draft.email)}
        />
      )}
      {step === "name" && (
        <NameStep
          draft={draft}
          onName={(username, displayName) => {
            change({ username, displayName, refused: null });
            go("secret");
          }}
        />
      )}
      {step === "secret" && <SecretStep draft={draft} onPassword={create} />}
    </AuthPage>
  );
}
