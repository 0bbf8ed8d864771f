import { Sessions, type SessionItem } from "@/core/identity/sessions.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useResource } from "@/hooks/resource.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Item, ItemList, Mark } from "@/ui/item.tsx";
import { toast } from "@/ui/toast-store.ts";

import { DEVICE_ICONS, deviceName } from "../shared/device.ts";
import { Loaded } from "../shared/loaded.tsx";
import { Page, type PageProps } from "../shared/page.tsx";
import { useAsk } from "../shared/use-ask.tsx";

/** Where one is signed in, and how to end that. */
export function SessionsPage({ onBack }: PageProps) {
  const t = useT();
  const sessions = useIdentity(Sessions);
  const resource = useResource(() => sessions.list());
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
                <SessionRow key={each.id} session={each} onEnd={() => endOne(each)} />
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
      {window}
    </Page>
  );
}

function SessionRow({ session, onEnd }: { session: SessionItem; onEnd: () => void }) {
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
