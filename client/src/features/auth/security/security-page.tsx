import { useT } from "@/i18n/index.ts";

import { Page, type PageProps } from "../shared/page.tsx";
import { PasswordSection } from "./password-section.tsx";

/** What one signs in with. */
export function SecurityPage({ onBack }: PageProps) {
  const t = useT();
  return (
    <Page title={t("security.title")} onBack={onBack}>
      <PasswordSection />
    </Page>
  );
}
