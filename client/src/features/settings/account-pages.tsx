import { AtSign, Bot, History, KeyRound, MonitorSmartphone, ShieldCheck, Ticket, type LucideIcon } from "lucide-react";

import { useT } from "@/i18n/index.ts";
import { NavRow } from "@/ui/nav-row.tsx";
import { Section } from "@/ui/section.tsx";

const PAGES = {
  account: AtSign,
  security: ShieldCheck,
  keys: KeyRound,
  sessions: MonitorSmartphone,
  invitations: Ticket,
  activity: History,
  tokens: Bot,
} as const satisfies Record<string, LucideIcon>;

export type AccountPage = keyof typeof PAGES;

/** The ways to the pages of the account. */
export function AccountPages({ onPage }: { onPage: (page: AccountPage) => void }) {
  const t = useT();
  return (
    <Section title={t("settings.account")}>
      <div className="-my-2 flex flex-col">
        {(Object.keys(PAGES) as AccountPage[]).map((page) => (
          <NavRow
            key={page}
            icon={PAGES[page]}
            title={t(`settings.${page}Page`)}
            text={t(`settings.${page}Text`)}
            onPress={() => onPage(page)}
          />
        ))}
      </div>
    </Section>
  );
}
