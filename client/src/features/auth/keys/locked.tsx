import { Fingerprint, KeyRound, MonitorSmartphone, RotateCcw } from "lucide-react";

import type { KeysState } from "@/core/services.ts";
import { passkeysSupported } from "@/hooks/passkey.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { LockDrawing } from "@/ui/lock-drawing.tsx";
import { WayRow } from "@/ui/way-row.tsx";

import { ResetNews } from "./reset-news.tsx";

export type Way = "passkey" | "device" | "code" | "over";

/** The messages are closed here: why, and the ways to open them, the easiest first. */
export function Locked({ keys, onWay }: { keys: KeysState; onWay: (way: Way) => void }) {
  const t = useT();
  const format = useFormat();
  const replaced = keys.state === "replaced";
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-col items-center gap-2 pt-2 text-center">
        <LockDrawing />
        <h2 className="mt-2 text-lg font-semibold text-balance text-ink">{t(replaced ? "keys.replacedTitle" : "keys.lockedTitle")}</h2>
        <p className="max-w-md text-ink-soft text-pretty">{t(replaced ? "keys.replacedText" : "keys.lockedText")}</p>
      </div>
      {keys.resetAt !== null && <ResetNews keys={keys} />}
      <ul aria-label={t("keys.ways")} className="-mx-4 flex flex-col">
        {keys.passkeyAt !== null && passkeysSupported() && (
          <li>
            <WayRow
              icon={Fingerprint}
              title={t("keys.byPasskey")}
              text={t("keys.byPasskeyText", { date: format.date(keys.passkeyAt) })}
              onPress={() => onWay("passkey")}
            />
          </li>
        )}
        <li>
          <WayRow icon={MonitorSmartphone} title={t("keys.byDevice")} text={t("keys.byDeviceText")} onPress={() => onWay("device")} />
        </li>
        <li>
          <WayRow
            icon={KeyRound}
            title={t("keys.byCode")}
            text={keys.recoveryAt === null ? t("keys.noCode") : t("keys.byCodeText", { date: format.date(keys.recoveryAt) })}
            onPress={() => onWay("code")}
          />
        </li>
        <li>
          <WayRow icon={RotateCcw} title={t("keys.startOver")} text={t("keys.startOverText")} onPress={() => onWay("over")} />
        </li>
      </ul>
    </div>
  );
}
