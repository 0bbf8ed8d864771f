import { Passkeys } from "@/core/identity/passkeys.ts";
import { SecondFactor } from "@/core/identity/second-factor.ts";
import { useEntranceOptions } from "@/hooks/entrance-options.ts";
import { useEntrance, useIdentity } from "@/hooks/identity.ts";
import { useResource } from "@/hooks/resource.ts";
import { useT } from "@/i18n/index.ts";

import { Page, type PageProps } from "../shared/page.tsx";
import { LinkedSection } from "./linked-section.tsx";
import { PasskeySection } from "./passkey-section.tsx";
import { PasswordSection } from "./password-section.tsx";
import { SecondFactorSection } from "./second-factor-section.tsx";
import { useReturn } from "./use-return.ts";

/** What one signs in with. */
export function SecurityPage({ onBack }: PageProps) {
  const t = useT();
  const passkeys = useIdentity(Passkeys);
  const secondFactor = useIdentity(SecondFactor);
  const keys = useResource(() => passkeys.list());
  const { options } = useEntranceOptions(useEntrance());
  useReturn();
  const factor = useResource(() => secondFactor.state());
  return (
    <Page title={t("security.title")} onBack={onBack}>
      <PasswordSection />
      <PasskeySection resource={keys} />
      <SecondFactorSection resource={factor} />
      {options?.oidc && <LinkedSection provider={options.oidc.name} />}
    </Page>
  );
}
