import { Eye, Lock, UserRoundX } from "lucide-react";

import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { NavRow } from "@/ui/nav-row.tsx";
import { Section } from "@/ui/section.tsx";

/** Who can read what; said plainly. */
export function Privacy({ onBlocked }: { onBlocked: () => void }) {
  const t = useT();
  const { mode } = useLive(useServices().storage);
  return (
    <Section title={t("settings.privacy")}>
      {mode === "plaintext" ? (
        <Banner icon={Eye} tone="note" shape="card">
          {t("settings.plaintext")}
        </Banner>
      ) : (
        <Banner icon={Lock} tone="good" shape="card">
          {t("settings.encrypted")}
        </Banner>
      )}
      <div className="-my-1 flex flex-col">
        <NavRow icon={UserRoundX} title={t("settings.blockedPage")} text={t("settings.blockedText")} onPress={onBlocked} />
      </div>
    </Section>
  );
}
