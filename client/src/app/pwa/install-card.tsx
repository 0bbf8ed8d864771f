import { useState } from "react";

import { useMe } from "@/hooks/me.ts";
import { useLive, useQuery, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { LogoMark } from "@/ui/logo.tsx";

import { hasTalked, type Install } from "./install.ts";

export interface InstallCardProps {
  install: Pick<Install, "way" | "ask" | "refuse">;
}

/** Below the list of chats, once the person has talked with somebody: the offer to install, with its no. */
export function InstallCard({ install }: InstallCardProps) {
  const t = useT();
  const me = useMe();
  const way = useLive(install.way);
  // First the news of what was lost.
  const { recovered } = useLive(useServices().storage);
  const chats = useQuery((services) => services.chats.list(), []);
  const [busy, setBusy] = useState(false);
  if (way === "none" || recovered || !me || !hasTalked(chats, me.id)) return null;

  const ask = async (): Promise<void> => {
    setBusy(true);
    try {
      await install.ask();
    } finally {
      setBusy(false);
    }
  };

  return (
    <aside
      aria-label={t("pwa.installTitle")}
      // On a phone the button for a new chat floats below it.
      className="mx-3 mb-[calc(5.5rem+env(safe-area-inset-bottom))] flex not-last:mb-3 shrink-0 animate-rise gap-3.5 rounded-xl bg-raised p-4 shadow-raised min-[900px]:mb-3"
    >
      <LogoMark />
      <div className="flex min-w-0 flex-1 flex-col gap-3">
        <div>
          <h2 className="font-semibold text-ink">{t("pwa.installTitle")}</h2>
          <p className="text-sm text-ink-soft text-pretty">{t(way === "ios" ? "pwa.iosText" : "pwa.installText")}</p>
        </div>
        {way === "ios" ? (
          <div>
            <Button size="sm" look="soft" onClick={() => install.refuse()}>
              {t("pwa.understood")}
            </Button>
          </div>
        ) : (
          <div className="flex flex-wrap gap-2">
            <Button size="sm" busy={busy} onClick={() => void ask()}>
              {t("pwa.install")}
            </Button>
            <Button size="sm" look="quiet" onClick={() => install.refuse()}>
              {t("pwa.notNow")}
            </Button>
          </div>
        )}
      </div>
    </aside>
  );
}
