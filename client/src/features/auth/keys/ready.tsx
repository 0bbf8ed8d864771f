import { CircleCheck, Fingerprint, KeyRound, LogIn, MonitorSmartphone, Plus } from "lucide-react";
import { useEffect, useState } from "react";

import type { KeysState } from "@/core/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { Item, ItemList } from "@/ui/item.tsx";
import { NavRow } from "@/ui/nav-row.tsx";
import { Section } from "@/ui/section.tsx";

import type { PageProps } from "../shared/page.tsx";
import { DeviceList } from "./device-list.tsx";
import { LetIn } from "./let-in.tsx";
import { RecoveryDialog } from "./recovery-dialog.tsx";
import { ResetNews } from "./reset-news.tsx";
import { useDesk } from "./use-desk.ts";

/** The key is here: letting another device in, and a way back when every device is lost. */
export function Ready({ keys, onPage }: { keys: KeysState } & Pick<PageProps, "onPage">) {
  const t = useT();
  const format = useFormat();
  const [linking, setLinking] = useState(false);
  const [letIn, setLetIn] = useState(0);
  const [making, setMaking] = useState(false);
  const desk = useDesk();
  const none = keys.recoveryAt === null && keys.passkeyAt === null;
  // A passkey may have been removed, a code been made, on another device.
  useEffect(() => {
    desk((it) => it.lookAtWays()).catch(() => {});
  }, [desk]);
  return (
    <>
      {keys.resetAt !== null && <ResetNews keys={keys} />}
      <Banner icon={CircleCheck} tone="good" shape="card">
        {t("keys.ready")}
      </Banner>
      <Section title={t("keys.devices")}>
        <p className="text-ink-soft text-pretty">{t("keys.devicesText")}</p>
        <DeviceList letIn={letIn} />
        <div>
          <Button look="soft" onClick={() => setLinking(true)}>
            <MonitorSmartphone aria-hidden="true" />
            {t("keys.letIn")}
          </Button>
        </div>
        {onPage && (
          <NavRow icon={LogIn} title={t("keys.toSessions")} text={t("keys.toSessionsText")} onPress={() => onPage("sessions")} />
        )}
      </Section>
      <Section title={t("keys.wayBack")}>
        <p className="text-ink-soft text-pretty">{t("keys.recoveryText")}</p>
        {none ? (
          <p className="font-semibold text-ink">{t("keys.recoveryNone")}</p>
        ) : (
          <ItemList label={t("keys.waysBack")}>
            {keys.passkeyAt !== null && (
              <Item icon={Fingerprint} title={t("keys.passkey")} text={t("keys.passkeySince", { date: format.date(keys.passkeyAt) })} />
            )}
            {keys.recoveryAt !== null && (
              <Item icon={KeyRound} title={t("keys.recoveryCode")} text={t("keys.recoverySince", { date: format.date(keys.recoveryAt) })} />
            )}
          </ItemList>
        )}
        <div>
          <Button look={none ? "primary" : "soft"} onClick={() => setMaking(true)}>
            <Plus aria-hidden="true" />
            {t(none ? "keys.makeWay" : "keys.anotherWay")}
          </Button>
        </div>
      </Section>
      <LetIn open={linking} onClose={() => setLinking(false)} onDone={() => setLetIn((count) => count + 1)} />
      <RecoveryDialog open={making} onClose={() => setMaking(false)} />
    </>
  );
}
