import type { Connection } from "@/core/services.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { TalkDrawing } from "@/ui/drawings.tsx";
import { EmptyState } from "@/ui/empty-state.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";

/** Whether an empty database may only mean that nothing has come yet. */
const isComing = (connection: Connection): boolean =>
  connection.state === "connecting" || (connection.state === "online" && connection.syncing);

/** Nothing in the database: still loading, still coming from the server, not reachable, or really nobody yet. */
export function NoChats({ loaded, onNew }: { loaded: boolean; onNew: () => void }) {
  const t = useT();
  const connection = useLive(useServices().connection);
  if (!loaded) return <SkeletonRows rows={6} label={t("chats.loading")} />;
  if (isComing(connection)) return <SkeletonRows rows={6} label={t("chats.fetching")} />;
  const connected = connection.state === "online";
  return (
    <EmptyState
      art={<TalkDrawing />}
      title={t("chats.empty")}
      text={t(connected ? "chats.emptyText" : "chats.emptyOffline")}
      action={connected && <Button onClick={onNew}>{t("chats.find")}</Button>}
    />
  );
}
