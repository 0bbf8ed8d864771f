// A browser in words.

import { Bot, Monitor, Smartphone, Tablet, type LucideIcon } from "lucide-react";

import type { DeviceWords } from "@/core/identity/sessions.ts";
import type { Translate } from "@/i18n/index.ts";

export const DEVICE_ICONS: Readonly<Record<DeviceWords["kind"], LucideIcon>> = {
  phone: Smartphone,
  tablet: Tablet,
  computer: Monitor,
  other: Bot,
};

/** "Firefox on Linux", as far as it is known. */
export function deviceName({ browser, os }: DeviceWords, t: Translate): string {
  if (browser && os) return t("devices.browserOn", { browser, os });
  return browser ?? os ?? t("devices.unknownDevice");
}
