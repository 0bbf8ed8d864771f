import { KeyRound } from "lucide-react";
import { useEffect, useEffectEvent } from "react";

import { Sessions, type SessionItem } from "@/core/identity/sessions.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useResource } from "@/hooks/resource.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Item, ItemList, Mark } from "@/ui/item.tsx";
import { NavRow } from "@/ui/nav-row.tsx";
import { toast } from "@/ui/toast-store.ts";

import { DEVICE_ICONS, deviceName } from "../shared/device.ts";
import { Loaded } from "../shared/loaded.tsx";
import { Page, type PageProps } from "../shared/page.tsx";
import { useAsk } from "../shared/use-ask.tsx";

const NO_KEYS: ReadonlySet<string> = new Set();

/** The sign-ins on whose devices one's messages open; none while that cannot be asked, which is no reason to show less. */
function useWithKeys(on: boolean): ReadonlySet<string> {
  const { keys } = useServices();
  const resource = useResource(async () => {
    if (!on) return NO_KEYS;
    const devices = await (await keys.desk()).devices();
    return new Set(devices.map((each) => each.sessionId));
  });
  const ask = useEffectEvent(resource.reload);
  // It was not known yet when the page opened.
  useEffect(() => {
    if (on) ask();
  }, [on]);
  return resource.value ?? NO_KEYS;
}

/** Where one is signed in, and how to end that. */
export function SessionsPage({ onBack, onPage }: PageProps) {
  const t = useT();
  const sessions = useIdentity(Sessions);
  const resource = useResource(() => sessions.list());
  const { state } = useLive(useServices().keys.state);
  const encrypts = state !== "off" && state !== "unknown";
  const withKeys = useWithKeys(encrypts);
  const { ask, window } = useAsk();

  const endOne = (session: SessionItem): void =>
    ask({
      title: t("devices.endTitle", { device: deviceName(session.device, t) }),
      text: t("devices.endText"),
      confirm: t("devices.end"),
      work: async () => {
        await sessions.end(session.id);
        resource.set((all) => all.filter((each) => each.id !== session.id));
        toast(t("devices.ended", { count: 1 }), "good");
      },
    });

  const endOthers = (): void =>
    ask({
      title: t("devices.endOthersTitle"),
      text: t("devices.endText"),
      confirm: t("devices.endOthers"),
      work: async () => {
        const count = await sessions.endOthers();
        resource.set((all) => all.filter((each) => each.current));
        toast(t("devices.ended", { count }), "good");
      },
    });

  return (
    <Page title={t("devices.sessions")} text={t("devices.sessionsText")} onBack={onBack}>
      <Loaded resource={resource} label={t("devices.loading")}>
        {(all) => (
          <>
            <ItemList label={t("devices.sessions")}>
              {all.map((each) => (
                <SessionRow key={each.id} session={each} hasKey={withKeys.has(each.id)} onEnd={() => endOne(each)} />
              ))}
            </ItemList>
            {all.length > 1 && (
              <div className="-ms-5">
                <Button look="quiet-danger" onClick={endOthers}>
                  {t("devices.endOthers")}
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
      {encrypts && onPage && (
        <NavRow icon={KeyRound} title={t("devices.toKeys")} text={t("devices.toKeysText")} onPress={() => onPage("keys")} />
      )}
      {window}
    </Page>
  );
}

function SessionRow({ session, hasKey, onEnd }: { session: SessionItem; hasKey: boolean; onEnd: () => void }) {
  const t = useT();
  const format = useFormat();
  const { current, device, createdAt, lastSeenAt } = session;
  const name = deviceName(device, t);
  return (
    <Item
      icon={DEVICE_ICONS[device.kind]}
      title={name}
      mark={current && <Mark>{t("devices.thisBrowser")}</Mark>}
      text={
        <>
          {current ? t("devices.activeNow") : t("devices.lastSeen", { when: format.ago(lastSeenAt) })}
          {" · "}
          {t("devices.since", { date: format.date(createdAt) })}
          {hasKey && ` · ${t("devices.hasKey")}`}
        </>
      }
    >
      {!current && (
        <Button look="quiet" size="sm" aria-label={t("devices.endOf", { device: name })} onClick={onEnd}>
          {t("devices.end")}
        </Button>
      )}
    </Item>
  );
}
