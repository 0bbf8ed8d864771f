import { useMe } from "@/hooks/me.ts";
import { useT } from "@/i18n/index.ts";

import { Page, type PageProps } from "../shared/page.tsx";
import { AddressSection } from "./address-section.tsx";
import { DeleteSection } from "./delete-section.tsx";
import { ExportSection } from "./export-section.tsx";
import { UsernameSection } from "./username-section.tsx";

/** What the account is called, where its letters go, and how it is left. */
export function AccountPage({ onBack }: PageProps) {
  const t = useT();
  const me = useMe();
  if (!me) return null;
  return (
    <Page title={t("account.title")} onBack={onBack}>
      <UsernameSection me={me} />
      <AddressSection me={me} />
      <ExportSection me={me} />
      <DeleteSection me={me} />
    </Page>
  );
}
