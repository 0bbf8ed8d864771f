import { useState } from "react";
import { Link } from "wouter";

import type { EntranceOptions } from "@/core/identity/entrance.ts";
import { readArrival } from "@/hooks/arrival.ts";
import { useEntranceOptions } from "@/hooks/entrance-options.ts";
import { useEntrance } from "@/hooks/identity.ts";
import { useT } from "@/i18n/index.ts";
import { linkClass } from "@/ui/link.ts";
import { LiveRegion } from "@/ui/live-region.tsx";
import { Steps } from "@/ui/steps.tsx";

import { CodeForm } from "../shared/code-form.tsx";
import { AuthPage } from "./auth-page.tsx";
import { Or } from "./or.tsx";
import { ProviderWay } from "./provider-way.tsx";
import { NoEntry } from "./no-entry.tsx";
import { stepsOf } from "./sign-up-draft.ts";
import { SignUpElsewhere } from "./sign-up-elsewhere.tsx";
import type { SignUpProps } from "./sign-up-props.ts";
import { SignUpNotes } from "./sign-up-notes.tsx";
import { AddressStep } from "./step-address.tsx";
import { NameStep } from "./step-name.tsx";
import { SecretStep } from "./step-secret.tsx";
import { useInviter } from "./use-inviter.ts";
import { useSignUp, type Secret } from "./use-sign-up.ts";

/** Whether somebody with this invitation, or with none, may sign up at all. */
const mayEnter = ({ signup, firstUser }: EntranceOptions, invite: string | null): boolean =>
  signup === "open" || (signup === "invitation" && (invite !== null || firstUser));

/** A new account: for who came back from another provider, the rest of the form. */
export function SignUp(props: SignUpProps) {
  const [elsewhere] = useState(() => readArrival().at === "sign-up");
  return elsewhere ? <SignUpElsewhere {...props} /> : <SignUpHere {...props} />;
}

/** In steps: address, the code that proves it, name, password. */
function SignUpHere({ signInHref, invite, onChat }: SignUpProps) {
  const t = useT();
  const entrance = useEntrance();
  const { options, get } = useEntranceOptions(entrance);
  const inviter = useInviter(invite);
  const signUp = useSignUp({ entrance, options, get, invite });
  const { draft, step } = signUp;

  const create = async (secret: Secret): Promise<void> => {
    if (!(await signUp.create(secret))) return;
    const chatId = await inviter.meet();
    if (chatId !== null) onChat(chatId);
  };

  if (options && !mayEnter(options, invite)) return <NoEntry policy={options.signup} signInHref={signInHref} />;
  const steps = options && stepsOf(options);
  const at = steps?.indexOf(step) ?? -1;
  const position = steps && at >= 0 ? t("auth.step", { at: at + 1, of: steps.length }) : "";
  const title = t(`auth.${step}Title`);
  return (
    <AuthPage
      title={title}
      text={step === "code" ? t("auth.codeText", { email: draft.email }) : t(`auth.${step}Text`)}
      steps={steps && at >= 0 ? <Steps at={at} of={steps.length} label={position} /> : <div className="h-5" />}
      onBack={step === "address" ? undefined : signUp.back}
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
      {step === "address" && <SignUpNotes inviter={inviter} first={options?.firstUser ?? false} />}
      {step === "address" && (
        <>
          <AddressStep draft={draft} onAddress={signUp.takeAddress} />
          {options?.oidc && (
            <>
              <Or />
              <ProviderWay name={options.oidc.name} next="/" />
            </>
          )}
        </>
      )}
      {step === "code" && draft.sent && (
        <CodeForm
          sent={draft.sent}
          label={t("common.continue")}
          onCode={signUp.takeCode}
          onResend={() => signUp.askForCode(draft.email)}
        />
      )}
      {step === "name" && <NameStep draft={draft} label={t("common.continue")} onName={signUp.takeName} />}
      {step === "secret" && <SecretStep draft={draft} passkeys={options?.passkeys ?? false} onSecret={create} />}
    </AuthPage>
  );
}
