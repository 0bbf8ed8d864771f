import { Link } from "wouter";

import type { EntranceOptions } from "@/core/identity/entrance.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";

import { AuthPage } from "./auth-page.tsx";

/** Nobody signs up here by themselves: why, and what can be done. */
export function NoEntry({ policy, signInHref }: { policy: EntranceOptions["signup"]; signInHref: string }) {
  const t = useT();
  const invited = policy === "invitation";
  return (
    <AuthPage
      title={t(invited ? "auth.inviteOnlyTitle" : "auth.closedTitle")}
      text={t(invited ? "auth.inviteOnlyText" : "auth.closedText")}
    >
      <Button wide look="outline" asChild>
        <Link href={signInHref}>{t("auth.signIn")}</Link>
      </Button>
    </AuthPage>
  );
}
