import type { Services } from "@/core/services.ts";
import { ServicesContext } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { useTheme } from "@/ui/theme.ts";
import { Toaster } from "@/ui/toaster.tsx";
import { TooltipProvider } from "@/ui/tooltip.tsx";

import { ErrorBoundary } from "./error-boundary.tsx";
import { Gate } from "./gate.tsx";
import { PwaContext, type Pwa } from "./pwa/pwa.ts";

/** Everything that the screens stand on, around the screens. */
export function App({ services, pwa }: { services: Services; pwa: Pwa }) {
  const t = useT();
  useTheme();
  return (
    <ErrorBoundary>
      <ServicesContext value={services}>
        <PwaContext value={pwa}>
          <TooltipProvider>
            <Gate />
            <Toaster label={t("common.notices")} dismissLabel={t("common.dismiss")} />
          </TooltipProvider>
        </PwaContext>
      </ServicesContext>
    </ErrorBoundary>
  );
}
