import { Eye, HardDrive, Lock } from "lucide-react";

import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Section } from "@/ui/section.tsx";

/** Who can read what, and where it is kept; said plainly. */
export function Privacy() {
  const t = useT();
  const { mode, persisted } = useLive(useServices().storage);
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
      <div className="flex items-start gap-3 px-1 text-sm text-ink-soft">
        <HardDrive aria-hidden="true" className="mt-0.5 size-4.5 shrink-0" />
        <p className="text-pretty">
          {t("settings.kept")} {persisted === true && t("settings.keptSafe")}
          {persisted === false && t("settings.keptUnsafe")}
        </p>
      </div>
    </Section>
  );
}
