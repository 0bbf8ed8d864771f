import { ShieldAlert } from "lucide-react";
import { useState } from "react";

import { useQuery } from "@/hooks/services.ts";
import { useTrust } from "@/hooks/trust.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";

import { AcceptQuestion } from "./accept-question.tsx";
import { SafetyDialog } from "./safety-dialog.tsx";

/** Above the place to write, while what is written waits for a look at somebody's new keys. */
export function Held({ userId }: { userId: string }) {
  const t = useT();
  const person = useQuery((services) => services.people.profile(userId), [userId]);
  const trust = useTrust(userId);
  const [doing, setDoing] = useState<"compare" | "accept" | null>(null);
  const name = person?.displayName ?? t("trust.someone");
  const done = (): void => setDoing(null);
  return (
    <>
      <Banner icon={ShieldAlert} tone="note" role="alert">
        <p>
          <strong>{t(trust?.hadVerified ? "trust.heldVerified" : "trust.held", { name })}</strong> {t("trust.heldText", { name })}
        </p>
        <div className="mt-2 mb-0.5 flex flex-wrap gap-2">
          <Button size="sm" onClick={() => setDoing("compare")}>
            {t("trust.compare")}
          </Button>
          <Button look="outline" size="sm" onClick={() => setDoing("accept")}>
            {t("trust.accept")}
          </Button>
        </div>
      </Banner>
      {doing === "compare" && <SafetyDialog userId={userId} onClose={done} />}
      <AcceptQuestion open={doing === "accept"} userId={userId} name={name} onClose={done} />
    </>
  );
}
