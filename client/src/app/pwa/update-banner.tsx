import { Sparkles } from "lucide-react";

import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { LiveRegion } from "@/ui/live-region.tsx";

import type { Updates } from "./updates.ts";

export interface UpdateBannerProps {
  updates: Pick<Updates, "state" | "apply">;
}

/** Says that a newer version is here, and changes to it when the person wants. */
export function UpdateBanner({ updates }: UpdateBannerProps) {
  const t = useT();
  const state = useLive(updates.state);
  const connection = useLive(useServices().connection);
  // The bar above says it more urgently.
  const shown = state !== "none" && connection.state !== "outdated";
  return (
    <>
      <LiveRegion text={shown ? t("pwa.update") : ""} />
      {shown && (
        <div data-notice="update" className="animate-appear bg-note-soft pt-[env(safe-area-inset-top)] [[data-notice]~&]:pt-0">
          <Banner
            icon={Sparkles}
            action={
              <Button size="sm" look="outline" busy={state === "applying"} onClick={() => void updates.apply()}>
                {t("common.reload")}
              </Button>
            }
          >
            {t("pwa.update")}
          </Banner>
        </div>
      )}
    </>
  );
}
