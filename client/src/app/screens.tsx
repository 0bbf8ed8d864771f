// Each screen with its ways out, as addresses.

import { ChatList } from "@/features/chats/index.ts";
import { Conversation } from "@/features/conversation/index.ts";
import { ChatInfo } from "@/features/group/index.ts";
import { NewChat, NewGroup } from "@/features/people/index.ts";
import { Settings } from "@/features/settings/index.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { TalkDrawing } from "@/ui/drawings.tsx";
import { EmptyState } from "@/ui/empty-state.tsx";

import { go, leave, replace } from "./navigation.ts";
import { pathOf, placeOf, type Place } from "./place.ts";
import { SHORTCUTS } from "./shortcuts.ts";

const chatPath = (chatId: string): string => pathOf({ at: "chat", chatId });
const openInstead = (chatId: string): void => replace(chatPath(chatId));

export function ListScreen({ selectedId }: { selectedId: string | null }) {
  return (
    <ChatList
      selectedId={selectedId}
      onOpen={(chatId) => go(chatPath(chatId))}
      onNew={() => go("/new")}
      onSettings={() => go("/settings")}
    />
  );
}

export function ChatScreen({ chatId }: { chatId: string }) {
  return (
    <Conversation
      key={chatId}
      chatId={chatId}
      onBack={() => leave({ at: "chat", chatId })}
      onInfo={() => (placeOf(location.pathname).at === "info" ? leave({ at: "info", chatId }) : go(pathOf({ at: "info", chatId })))}
    />
  );
}

export function InfoScreen({ chatId }: { chatId: string }) {
  return (
    <ChatInfo
      key={chatId}
      chatId={chatId}
      onBack={() => leave({ at: "info", chatId })}
      onLeft={() => replace("/")}
      onMessage={(other) => go(chatPath(other))}
    />
  );
}

/** The places that cover everything, or the left pane: beginning a chat. The new chat takes their place in the history. */
export function StartScreen({ place }: { place: Extract<Place, { at: "new" | "newGroup" }> }) {
  const back = (): void => leave(place);
  if (place.at === "newGroup") return <NewGroup onOpen={openInstead} onBack={back} />;
  return <NewChat onOpen={openInstead} onNewGroup={() => replace("/new/group")} onBack={back} />;
}

export function SettingsScreen() {
  return <Settings onBack={() => leave({ at: "settings" })} shortcuts={SHORTCUTS} />;
}

/** Nothing chosen yet, beside the list. */
export function NothingOpen() {
  const t = useT();
  return (
    <div className="flex flex-1 items-center justify-center bg-canvas">
      <EmptyState
        art={<TalkDrawing />}
        title={t("app.pickTitle")}
        text={t("app.pickText")}
        action={
          <Button look="soft" onClick={() => go("/new")}>
            {t("app.newChat")}
          </Button>
        }
      />
    </div>
  );
}

export function NoSuchPage() {
  const t = useT();
  return (
    <div className="flex flex-1 items-center justify-center bg-canvas">
      <EmptyState
        title={t("app.notFoundTitle")}
        text={t("app.notFoundText")}
        action={<Button onClick={() => replace("/")}>{t("app.toChats")}</Button>}
      />
    </div>
  );
}
