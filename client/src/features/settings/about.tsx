import { CLIENT_VERSION } from "@/core/version.ts";
import { useT } from "@/i18n/index.ts";
import { LogoMark } from "@/ui/logo.tsx";
import { Section } from "@/ui/section.tsx";

/** Which Batiyoun this is, and whose server. */
export function About() {
  const t = useT();
  return (
    <Section title={t("settings.about")}>
      <div className="flex items-center gap-4">
        <LogoMark />
        <div className="text-sm text-ink-soft">
          <p className="font-semibold text-ink">
            {t("common.appName")} <span className="font-normal">{t("settings.version", { version: CLIENT_VERSION })}</span>
          </p>
          <p>{t("settings.server", { host: location.host })}</p>
          <p>{t("settings.free")}</p>
        </div>
      </div>
    </Section>
  );
}
