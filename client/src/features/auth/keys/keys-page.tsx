import { useState } from "react";

import { useLive, useServices } from "@/hooks/services.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { SkeletonRows } from "@/ui/skeleton.tsx";

import { Page, type PageProps } from "../shared/page.tsx";
import { LinkHere } from "./link-here.tsx";
import { Locked, type Way } from "./locked.tsx";
import { Ready } from "./ready.tsx";
import { RestorePasskey } from "./restore-passkey.tsx";
import { Restore } from "./restore.tsx";
import { StartOver } from "./start-over.tsx";

const TITLES: Readonly<Record<Way, Key>> = {
  passkey: "keys.byPasskey",
  device: "keys.byDevice",
  code: "keys.byCode",
  over: "keys.startOver",
};

/** The key to one's messages: bringing it here, or looking after it where it is. */
export function KeysPage({ onBack, onPage }: PageProps) {
  const t = useT();
  const keys = useLive(useServices().keys.state);
  const [chosen, setWay] = useState<Way | null>(null);
  const locked = keys.state === "elsewhere" || keys.state === "replaced";
  const way = locked ? chosen : null;
  return (
    <Page key={way} title={t(way ? TITLES[way] : "keys.title")} onBack={way ? () => setWay(null) : onBack}>
      {way === "passkey" && <RestorePasskey onOther={() => setWay(null)} />}
      {way === "device" && <LinkHere />}
      {way === "code" && <Restore />}
      {way === "over" && <StartOver resetAt={keys.resetHere ? keys.resetAt : null} onDone={() => setWay(null)} />}
      {locked && !way && <Locked keys={keys} onWay={setWay} />}
      {keys.state === "ready" && <Ready keys={keys} onPage={onPage} />}
      {keys.state === "off" && <p className="text-ink-soft text-pretty">{t("keys.off")}</p>}
      {keys.state === "unknown" && (
        <div className="-mx-4">
          <SkeletonRows rows={2} label={t("keys.loading")} />
        </div>
      )}
    </Page>
  );
}
