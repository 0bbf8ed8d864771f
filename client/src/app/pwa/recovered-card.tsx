import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";

/** Above the list of chats, when the browser had thrown away what was kept here: what is lost, and what comes back. */
export function RecoveredCard() {
  const t = useT();
  const { session, storage } = useServices();
  const { recovered } = useLive(storage);
  if (!recovered) return null;
  return (
    <aside
      role="status"
      aria-label={t("pwa.recoveredTitle")}
      className="mx-3 mt-3 flex shrink-0 animate-appear flex-col gap-3 rounded-xl bg-note-soft p-4 text-on-note-soft"
    >
      <div>
        <h2 className="font-semibold">{t("pwa.recoveredTitle")}</h2>
        <p className="text-sm text-pretty">{t("pwa.recoveredText")}</p>
      </div>
      <div>
        <Button size="sm" look="outline" onClick={() => void session.recoverySeen()}>
          {t("pwa.understood")}
        </Button>
      </div>
    </aside>
  );
}
