import { useEffect } from "react";

import { useT } from "@/i18n/index.ts";

/** The window's title: what waits to be read, which page, which app. A null page is the app itself. */
export function useTitle(page: string | null, unread: number): void {
  const t = useT();
  useEffect(() => {
    const title = page ? t("app.pageTitle", { page }) : t("common.appName");
    document.title = unread > 0 ? t("app.unreadTitle", { count: unread, title }) : title;
  }, [t, page, unread]);
}
