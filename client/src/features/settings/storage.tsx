import { CloudUpload, HardDrive, MessagesSquare } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";

import { asApiError } from "@/core/errors.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { bytes } from "@/i18n/bytes.ts";
import { useLanguage, useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Confirm } from "@/ui/confirm.tsx";
import { NavRow } from "@/ui/nav-row.tsx";
import { Progress } from "@/ui/progress.tsx";
import { Section } from "@/ui/section.tsx";
import { toast } from "@/ui/toast-store.ts";

/** In bytes. */
interface Room {
  used: number;
  quota: number;
}

/** What this browser keeps, how safe it is there, and how to clear it. */
export function StorageSection({ onChats }: { onChats: () => void }) {
  const t = useT();
  const { persisted, background } = useLive(useServices().storage);
  return (
    <Section title={t("settings.storage")}>
      <Usage />
      <Fact icon={<HardDrive aria-hidden="true" />}>
        {t("settings.kept")} {persisted === true && t("settings.keptSafe")}
        {persisted === false && t("settings.keptUnsafe")}
      </Fact>
      <Fact icon={<CloudUpload aria-hidden="true" />}>{t(background ? "settings.sentClosed" : "settings.sentOpen")}</Fact>
      <div className="-my-1 flex flex-col">
        <NavRow icon={MessagesSquare} title={t("settings.storagePage")} text={t("settings.storageText")} onPress={onChats} />
      </div>
      <Clear />
    </Section>
  );
}

function Fact({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="flex items-start gap-3 text-sm text-ink-soft [&>svg]:mt-0.5 [&>svg]:size-4.5 [&>svg]:shrink-0">
      {icon}
      <p className="text-pretty">{children}</p>
    </div>
  );
}

/** Nothing where the browser does not say. */
function Usage() {
  const t = useT();
  const language = useLanguage();
  const [room, setRoom] = useState<Room | null>(null);
  useEffect(() => void measured().then(setRoom, () => {}), []);
  if (!room) return null;
  const text = t("settings.used", { used: bytes(room.used, language), quota: bytes(room.quota, language) });
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm text-ink">{text}</p>
      <Progress label={t("settings.usedShare")} value={room.used / room.quota} />
    </div>
  );
}

async function measured(): Promise<Room | null> {
  const { storage } = navigator as { storage?: StorageManager };
  const { usage, quota } = (await storage?.estimate?.()) ?? {};
  return usage !== undefined && quota ? { used: usage, quota } : null;
}

function Clear() {
  const t = useT();
  const { session } = useServices();
  const say = useProblem();
  /** How many messages would be lost; null: nobody asks. */
  const [unsent, setUnsent] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);

  const clear = async (): Promise<void> => {
    setBusy(true);
    try {
      await session.clear();
      setUnsent(null);
      toast(t("settings.cleared"), "good");
    } catch (thrown) {
      toast(say(asApiError(thrown)), "danger");
    } finally {
      setBusy(false);
    }
  };

  const warning = unsent ? `${t("settings.clearUnsent", { count: unsent })} ` : "";
  return (
    <>
      <div>
        <Button size="sm" look="outline" onClick={() => void session.unsent().then(setUnsent)}>
          {t("settings.clear")}
        </Button>
      </div>
      <Confirm
        open={unsent !== null}
        title={t("settings.clearTitle")}
        text={warning + t("settings.clearText")}
        confirmLabel={t("settings.clear")}
        cancelLabel={t("common.cancel")}
        danger={Boolean(unsent)}
        busy={busy}
        onConfirm={() => void clear()}
        onCancel={() => setUnsent(null)}
      />
    </>
  );
}
