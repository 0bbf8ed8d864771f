import { useLive, useServices } from "@/hooks/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";

export interface Seen {
  online: boolean;
  /** "online", "last seen yesterday", or "" when nothing is known. */
  words: string;
}

/** Whether somebody is here, and in words. */
export function useSeen(userId: string | null): Seen {
  const t = useT();
  const format = useFormat();
  const presence = useLive(useServices().presence.people).get(userId ?? "");
  if (presence?.online) return { online: true, words: t("group.online") };
  const lastSeen = presence?.lastSeen ?? null;
  return { online: false, words: lastSeen === null ? "" : t("group.lastSeen", { when: format.ago(lastSeen) }) };
}
