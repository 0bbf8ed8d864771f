import { Info, Mail } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { Link } from "wouter";

import { ApiError } from "@/core/errors.ts";
import type { CodeSent } from "@/core/identity/entrance.ts";
import { useArrivalProblem } from "@/hooks/arrival-problem.ts";
import { forgetArrival, readArrival, wasAway } from "@/hooks/arrival.ts";
import { useEntranceOptions } from "@/hooks/entrance-options.ts";
import { useEntrance } from "@/hooks/identity.ts";
import { passkeysSupported } from "@/hooks/passkey.ts";
import { useSteps } from "@/hooks/steps.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { linkClass } from "@/ui/link.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { CodeForm } from "../shared/code-form.tsx";
import { AuthPage } from "./auth-page.tsx";
import { CodeAddress } from "./code-address.tsx";
import { Or } from "./or.tsx";
import { PasskeyWay } from "./passkey-way.tsx";
import { PasswordForm } from "./password-form.tsx";
import { ProviderWay } from "./provider-way.tsx";
import { SecondFactor } from "./second-factor.tsx";

type Step = "password" | "address" | "code" | "second";
const STEPS: readonly [Step, ...Step[]] = ["password", "address", "code", "second"];

export interface SignInProps {
  /** What ended the last session, to be told above the form. */
  notice: "none" | "signedOut" | "revoked" | "deleted" | "expired";
  /** Filled in for the person, when a session is to be renewed. */
  identifier?: string;
  /** Where to go afterwards, for ways that leave the page. */
  next: string;
  signUpHref: string;
  forgotHref: string;
}

/** The way in for who has an account. Where to go afterwards is the router's business: it sees the session change. */
export function SignIn({ notice, identifier: known = "", next, signUpHref, forgotHref }: SignInProps) {
  const t = useT();
  const entrance = useEntrance();
  const { options } = useEntranceOptions(entrance);
  const [identifier, setIdentifier] = useState(known);
  const [letter, setLetter] = useState<{ email: string; sent: CodeSent } | null>(null);
  // Another provider may have sent them here.
  const [arrival] = useState(readArrival);
  const sayArrival = useArrivalProblem();
  const [owed, setOwed] = useState(arrival.at === "second-factor");
  const { step, go, replace, back } = useSteps(STEPS, (each) =>
    each === "code" ? letter !== null : each !== "second" || owed,
  );

  const resume = async (): Promise<void> => {
    try {
      await entrance.resume();
    } catch {
      // They came back without a session: the page says what else there is.
    }
  };
  const land = useEffectEvent((): void => {
    forgetArrival();
    if (arrival.at === "second-factor") replace("second");
    else if (wasAway()) void resume();
  });
  useEffect(() => land(), []);

  /** Signs in by `way`; whoever owes a second factor goes on to it. */
  const enter = async (way: () => Promise<void>): Promise<void> => {
    try {
      await way();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "second_factor_required") throw error;
      setOwed(true);
      go("second");
    }
  };

  const askForCode = async (email: string): Promise<void> => {
    setLetter({ email, sent: await entrance.requestCode(email, "login") });
  };

  if (step === "second") return <SecondFactor onBack={back} />;
  if (step === "code" && letter) {
    return (
      <AuthPage title={t("auth.codeTitle")} text={t("auth.loginCodeText", { email: letter.email })} onBack={back}>
        <CodeForm
          sent={letter.sent}
          label={t("auth.signIn")}
          onCode={(code) => enter(() => entrance.signInWithCode(letter.email, code))}
          onResend={() => askForCode(letter.email)}
        />
      </AuthPage>
    );
  }
  if (step === "address") {
    return (
      <AuthPage title={t("auth.codeAddressTitle")} text={t("auth.codeAddressText")} onBack={back}>
        <CodeAddress
          label={t("forms.sendCode")}
          email={identifier.includes("@") ? identifier : ""}
          onAddress={async (email) => {
            await askForCode(email);
            go("code");
          }}
        />
      </AuthPage>
    );
  }
  return (
    <AuthPage
      title={t("auth.signInTitle")}
      footer={
        <>
          {t("auth.noAccount")}
          <Link href={signUpHref} className={linkClass}>
            {t("auth.signUp")}
          </Link>
        </>
      }
    >
      {arrival.at === "refused" && (
        <div className="mb-6">
          <Trouble>{sayArrival(arrival.code)}</Trouble>
        </div>
      )}
      {notice !== "none" && arrival.at !== "refused" && (
        <div className="mb-6">
          <Banner icon={Info} shape="card" role="status">
            {t(`auth.${notice}`)}
          </Banner>
        </div>
      )}
      <PasswordForm
        identifier={identifier}
        onIdentifier={setIdentifier}
        onPassword={(password) => enter(() => entrance.signIn(identifier, password))}
        forgotHref={forgotHref}
      />
      <Or />
      <div className="flex flex-col gap-3">
        {options?.oidc && <ProviderWay name={options.oidc.name} next={next} />}
        {options?.passkeys && passkeysSupported() && <PasskeyWay />}
        <Button look="outline" wide onClick={() => go("address")}>
          <Mail aria-hidden="true" />
          {t("auth.byCode")}
        </Button>
      </div>
    </AuthPage>
  );
}
