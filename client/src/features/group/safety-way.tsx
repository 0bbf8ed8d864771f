import { BadgeCheck, ShieldAlert, ShieldQuestion } from "lucide-react";

import type { PersonTrust } from "@/core/services.ts";
import { useTrust } from "@/hooks/trust.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { WayRow } from "@/ui/way-row.tsx";

const STATES: Record<PersonTrust["state"], { icon: typeof BadgeCheck; words: Key }> = {
  "first-seen": { icon: ShieldQuestion, words: "trust.wayFirst" },
  verified: { icon: BadgeCheck, words: "trust.wayVerified" },
  changed: { icon: ShieldAlert, words: "trust.wayChanged" },
};

/** The way to a person's safety number, and how things stand. */
export function SafetyWay({ userId, onPress }: { userId: string; onPress: () => void }) {
  const t = useT();
  const { icon, words } = STATES[useTrust(userId)?.state ?? "first-seen"];
  return (
    <div className="mx-1 sm:mx-3">
      <WayRow icon={icon} title={t("trust.way")} text={t(words)} onPress={onPress} />
    </div>
  );
}
