import { Eye, Lock } from "lucide-react";

import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Section } from "@/ui/section.tsx";

/** Who can read what; said plainly. */
export function Privacy() {
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
    </Section>
  );
}
