import { useEffect, useState } from "react";
import { useLocation } from "wouter";

import { isNamed } from "@/core/queries/order.ts";
import type { ChatItem, Me } from "@/core/services.ts";
import { chatName } from "@/hooks/chat-name.ts";
import { useLive, useQuery } from "@/hooks/services.ts";
import { useT, type Translate } from "@/i18n/index.ts";

import { ConnectionBanner } from "./connection-banner.tsx";
import { useHelp } from "./help.tsx";
import { whenIdle } from "./on-demand.tsx";
import { Panes } from "./panes.tsx";
import { placeOf, type Place } from "./place.ts";
import { usePwa } from "./pwa/pwa.ts";
import { preloadScreens } from "./screens.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { StepUpWindow } from "./step-up.tsx";
import { useTitle } from "./title.ts";

/** The app of who is signed in: the bar of news about the connection, then one page or two panes. */
export function Shell({ me }: { me: Me }) {
  const t = useT();
  const [path] = useLocation();
  const place = placeOf(path);
  const later = useLive(usePwa().later);
  const chats = useQuery((services) => services.chats.list(), []);
  const beside = useBeside(place);

  useTitle(nameOf(place, chats, me, t), unreadOf(chats));
  const help = useHelp();
  useShortcuts(place, chats, beside, help.open);
  useEffect(() => whenIdle(preloadScreens), []);

  return (
    <div className="flex h-full flex-col bg-canvas has-data-notice:[--safe-top:0px]">
      <ConnectionBanner />
      {later?.updates && <later.UpdateBanner updates={later.updates} />}
      <StepUpWindow />
      {help.sheet}
      <Panes place={place} beside={beside} empty={chats?.length === 0} />
    </div>
  );
}

/** The chat that stays on the right while a new one is begun on the left. */
function useBeside(place: Place): string | null {
  const [last, setLast] = useState<string | null>(null);
  const starting = place.at === "new" || place.at === "newGroup";
  const now = place.at === "chat" || place.at === "info" ? place.chatId : starting ? last : null;
  if (now !== last) setLast(now);
  return now;
}

/** A mute chat counts as one where somebody names this person. */
const unreadOf = (chats: readonly ChatItem[] | undefined): number =>
  (chats ?? []).reduce((sum, chat) => sum + (chat.mutedUntil === null ? chat.unread : Number(isNamed(chat))), 0);

function nameOf(place: Place, chats: readonly ChatItem[] | undefined, me: Me, t: Translate): string | null {
  switch (place.at) {
    case "new":
      return t("app.newChat");
    case "newGroup":
      return t("app.newGroup");
    case "settings":
    case "account":
      return t("app.settings");
    case "invitation":
      return t("app.invitation");
    case "unknown":
      return t("app.notFoundTitle");
    case "chat":
    case "info": {
      const chat = chats?.find((each) => each.id === place.chatId);
      return chat ? chatName(chat, me.id, t) : null;
    }
    case "list":
      return null;
  }
}
