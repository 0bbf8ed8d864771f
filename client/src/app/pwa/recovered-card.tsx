import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";

/** Below the list of chats, when the browser had thrown away what was kept here: what is lost, and what comes back. */
export function RecoveredCard() {
  const t = useT();
  const { session, storage } = useServices();
  const { recovered } = useLive(storage);
  if (!recovered) return null;
  return (
    <section
      role="status"
      aria-label={t("pwa.recoveredTitle")}
      // On a phone the button for a new chat floats below it.
      className="mx-3 mb-[calc(5.5rem+env(safe-area-inset-bottom))] flex not-last:mb-3 shrink-0 animate-rise flex-col gap-3 rounded-xl bg-note-soft p-4 text-on-note-soft min-[900px]:mb-3"
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
    </section>
  );
}
