import { useEffect, useEffectEvent, useState, type ReactNode } from "react";

import type { DeviceItem } from "@/core/crypto/devices/desk.ts";
import { Sessions, type DeviceWords } from "@/core/identity/sessions.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useResource } from "@/hooks/resource.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Item, ItemList, Mark } from "@/ui/item.tsx";
import { toast } from "@/ui/toast-store.ts";

import { DEVICE_ICONS, deviceName } from "../shared/device.ts";
import { Loaded } from "../shared/loaded.tsx";
import { useAsk } from "../shared/use-ask.tsx";
import { useDesk } from "./use-desk.ts";

/** A device with what its sign-in says of it; null: that ended, and the device may come back. */
interface Listed {
  device: DeviceItem;
  words: DeviceWords | null;
}

/** Milliseconds between looks for a device that was just let in: it says so itself, in its own time. */
const LOOK = 2_000;
/** Looks after which the page does not wait for it any more. */
const LOOKS = 30;

export interface DeviceListProps {
  /** How often somebody was let in while this page is open. */
  letIn: number;
}

/** The devices that one's messages open on, this one first, and how to end that. */
export function DeviceList({ letIn }: DeviceListProps) {
  const t = useT();
  const desk = useDesk();
  const sessions = useIdentity(Sessions);
  const { ask, window: question } = useAsk();
  const resource = useResource(async (): Promise<Listed[]> => {
    const [devices, signedIn] = await Promise.all([desk((it) => it.devices()), sessions.list()]);
    const words = new Map(signedIn.map((each) => [each.id, each.device]));
    return devices
      .map((device) => ({ device, words: words.get(device.sessionId) ?? null }))
      .toSorted((a, b) => Number(b.device.current) - Number(a.device.current) || b.device.lastSeenAt - a.device.lastSeenAt);
  });
  useLooks(letIn, resource.value?.length ?? 0, resource.reload);

  const remove = ({ id }: DeviceItem, name: string): void =>
    ask({
      title: t("keys.removeTitle", { device: name }),
      text: t("keys.removeText"),
      confirm: t("keys.remove"),
      work: async () => {
        await desk((it) => it.removeDevice(id));
        resource.set((all) => all.filter((each) => each.device.id !== id));
        toast(t("keys.removed", { device: name }), "good");
      },
    });

  return (
    <>
      <Loaded resource={resource} label={t("devices.loading")}>
        {(all) => (
          <ItemList label={t("keys.devices")}>
            {all.map(({ device, words }) => (
              <DeviceRow key={device.id} device={device} words={words}>
                {(name) =>
                  !device.current && (
                    <Button look="quiet-danger" size="sm" aria-label={t("keys.removeOf", { device: name })} onClick={() => remove(device, name)}>
                      {t("keys.remove")}
                    </Button>
                  )
                }
              </DeviceRow>
            ))}
          </ItemList>
        )}
      </Loaded>
      {question}
    </>
  );
}

/** Looks again when the person comes back to this page, and for a while after somebody was let in, until there is one more. */
function useLooks(letIn: number, count: number, reload: () => void): void {
  const look = useEffectEvent(reload);
  const [now, setNow] = useState({ letIn, count });
  // Measured from how many there were when the last one was let in.
  if (now.letIn !== letIn) setNow({ letIn, count });
  const waits = letIn > 0 && count <= now.count;

  useEffect(() => {
    const again = (): void => look();
    addEventListener("focus", again);
    return () => removeEventListener("focus", again);
  }, []);
  useEffect(() => {
    if (!waits) return undefined;
    let left = LOOKS;
    const timer = setInterval(() => {
      left -= 1;
      if (left === 0) clearInterval(timer);
      look();
    }, LOOK);
    return () => clearInterval(timer);
  }, [waits]);
}

interface DeviceRowProps extends Listed {
  children: (name: string) => ReactNode;
}

function DeviceRow({ device, words, children }: DeviceRowProps) {
  const t = useT();
  const format = useFormat();
  const { name, current, createdAt, lastSeenAt } = device;
  // What a device called itself is in the language of whoever signed in there.
  const title = words ? deviceName(words, t) : name;
  return (
    <Item
      icon={DEVICE_ICONS[words?.kind ?? "computer"]}
      title={title}
      mark={current && <Mark>{t("keys.thisDevice")}</Mark>}
      text={
        <>
          {current ? t("devices.activeNow") : t("devices.lastSeen", { when: format.ago(lastSeenAt) })}
          {" · "}
          {t("keys.added", { date: format.date(createdAt) })}
        </>
      }
    >
      {children(title)}
    </Item>
  );
}
