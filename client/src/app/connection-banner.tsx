import { CloudOff, LogIn, RefreshCw, RotateCw, type LucideIcon } from "lucide-react";
import { useEffect, useState } from "react";

import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { LiveRegion } from "@/ui/live-region.tsx";

import { noticeOf, useSettled, type Notice } from "./connection-notice.ts";
import { go } from "./navigation.ts";
import { signInPath } from "./place.ts";
import { useReload } from "./pwa/pwa.ts";

const ICONS: Record<Exclude<Notice, "none">, LucideIcon> = {
  expired: LogIn,
  outdated: RotateCw,
  offline: CloudOff,
  reconnecting: CloudOff,
  connecting: RefreshCw,
  syncing: RefreshCw,
};

/** Says what is wrong with the connection and what happens to what is written meanwhile; nothing while all is well. */
export function ConnectionBanner() {
  const t = useT();
  const services = useServices();
  const session = useLive(services.session.status);
  const connection = useLive(services.connection);
  const notice = useSettled(noticeOf(session, connection));
  const announced = useAnnouncement(notice);

  return (
    <>
      <LiveRegion text={announced} />
      {notice !== "none" && (
        <div data-notice={notice} className="animate-appear bg-pressed pt-[env(safe-area-inset-top)]">
          <Banner
            icon={ICONS[notice]}
            // Louder where the person has something to do.
            tone={notice === "expired" || notice === "outdated" ? "note" : "quiet"}
            action={<Way notice={notice} />}
          >
            {t(`app.${notice}`)}
            {connection.state === "reconnecting" && <Countdown key={connection.nextAttemptAt} until={connection.nextAttemptAt} />}
          </Banner>
        </div>
      )}
    </>
  );
}

/** The way out, where the person has one. */
function Way({ notice }: { notice: Notice }) {
  const t = useT();
  const reload = useReload();
  if (notice === "expired") {
    return (
      <Button size="sm" look="outline" onClick={() => go(signInPath(location.pathname))}>
        {t("app.signIn")}
      </Button>
    );
  }
  if (notice === "outdated") {
    return (
      <Button size="sm" look="outline" onClick={reload}>
        {t("common.reload")}
      </Button>
    );
  }
  return null;
}

/** Seconds until the next attempt. For the eye only: a screen reader would be told of every second. */
function Countdown({ until }: { until: number }) {
  const t = useT();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.ceil((until - now) / 1_000);
  if (seconds <= 0) return null;
  return (
    <span aria-hidden="true" className="ms-2 whitespace-nowrap tabular-nums opacity-80">
      {t("app.reconnectingIn", { count: seconds })}
    </span>
  );
}

/** What to say aloud: the notice, and that it is over. Silent while nothing has happened yet. */
function useAnnouncement(notice: Notice): string {
  const t = useT();
  const [before, setBefore] = useState<Notice>("none");
  const [cut, setCut] = useState(false);
  if (before !== notice) {
    setBefore(notice);
    if (notice === "offline" || notice === "reconnecting") setCut(true);
    else if (notice !== "none" && notice !== "syncing") setCut(false);
  }
  if (notice !== "none") return t(`app.${notice}`);
  return cut ? t("app.backOnline") : "";
}
