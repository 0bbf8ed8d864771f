import { BadgeCheck, ShieldAlert, ShieldQuestion } from "lucide-react";
import { useState } from "react";

import type { PersonTrust } from "@/core/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";

import { AcceptQuestion } from "./accept-question.tsx";

export interface StandingProps {
  userId: string;
  name: string;
  trust: PersonTrust;
}

/** What is known of a person's keys, in one sentence. */
export function Standing({ userId, name, trust }: StandingProps) {
  const t = useT();
  const format = useFormat();
  const [accepting, setAccepting] = useState(false);
  const date = format.date(trust.since);
  if (trust.state === "verified") {
    return (
      <Banner icon={BadgeCheck} tone="good" shape="card" role="status">
        {t("trust.isVerified", { name, date })}
      </Banner>
    );
  }
  if (trust.state === "first-seen") {
    return (
      <Banner icon={ShieldQuestion} tone="quiet" shape="card" role="status">
        {t("trust.isFirst", { name })}
      </Banner>
    );
  }
  return (
    <>
      <Banner icon={ShieldAlert} tone="note" shape="card" role="status">
        <p>{t(trust.hadVerified ? "trust.isChangedVerified" : "trust.isChanged", { name, date })}</p>
        <div className="mt-2">
          <Button look="outline" size="sm" onClick={() => setAccepting(true)}>
            {t("trust.accept")}
          </Button>
        </div>
      </Banner>
      <AcceptQuestion open={accepting} userId={userId} name={name} onClose={() => setAccepting(false)} />
    </>
  );
}
