import type { ReactNode } from "react";

import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { LogoMark } from "@/ui/logo.tsx";

/** Over plain http from another machine a browser gives no crypto, no locks and no service worker. */
export function Insecure() {
  const t = useT();
  const address = `https://${location.host}`;
  return (
    <Obstacle title={t("obstacles.insecureTitle")} text={t("obstacles.insecureText", { origin: location.origin })}>
      <Button asChild>
        <a href={address + location.pathname}>{t("obstacles.insecureTry", { address })}</a>
      </Button>
      <p className="text-sm text-ink-soft text-pretty">{t("obstacles.insecureAdmin")}</p>
    </Obstacle>
  );
}

/** With storage switched off there is no place for the chats. */
export function NoStorage() {
  const t = useT();
  return (
    <Obstacle title={t("obstacles.storageTitle")} text={t("obstacles.storageText")}>
      <Button onClick={() => location.reload()}>{t("common.reload")}</Button>
    </Obstacle>
  );
}

function Obstacle({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <main className="flex h-full flex-col items-center overflow-y-auto bg-canvas px-6 py-12">
      <div className="my-auto flex max-w-md flex-col items-start gap-5">
        <LogoMark />
        <h1 className="shirorekha mt-3 text-2xl font-bold tracking-tight">{title}</h1>
        <p className="text-ink-soft text-pretty">{text}</p>
        {children}
      </div>
    </main>
  );
}
