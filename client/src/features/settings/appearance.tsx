import { Monitor, Moon, Sun } from "lucide-react";

import { chooseLanguage, LANGUAGES, useLanguage, useT, type Language } from "@/i18n/index.ts";
import { RadioGroup } from "@/ui/radio-group.tsx";
import { Row, Section } from "@/ui/section.tsx";
import { chooseTheme, useTheme } from "@/ui/theme.ts";

const languages = Object.entries(LANGUAGES).map(([tag, { name }]) => ({
  value: tag as Language,
  label: name,
  lang: tag,
}));

/** Theme and language; both at once and for this browser only. */
export function Appearance() {
  const t = useT();
  const theme = useTheme();
  const language = useLanguage();
  return (
    <Section title={t("settings.appearance")}>
      <Row label={t("settings.theme")}>
        <RadioGroup
          label={t("settings.theme")}
          value={theme}
          onChange={chooseTheme}
          options={[
            { value: "light", label: t("settings.light"), icon: Sun },
            { value: "dark", label: t("settings.dark"), icon: Moon },
            { value: "system", label: t("settings.system"), icon: Monitor },
          ]}
        />
      </Row>
      <Row label={t("settings.language")}>
        <RadioGroup
          label={t("settings.language")}
          value={language}
          onChange={(next) => void chooseLanguage(next)}
          options={languages}
        />
      </Row>
    </Section>
  );
}
