// Each screen with its ways out, as addresses.

import { ChatList } from "@/features/chats/index.ts";
import type { InvitationProps } from "@/features/auth/invites/index.ts";
import type { PageProps } from "@/features/auth/shared/page.tsx";
import type { ConversationProps } from "@/features/conversation/index.ts";
import type { ExportDialogProps } from "@/features/files/index.ts";
import type { ChatInfoProps, PersonDialogProps } from "@/features/group/index.ts";
import type { NewChatProps, NewGroupProps } from "@/features/people/index.ts";
import type { FindProps, SearchPanelProps } from "@/features/search/index.ts";
import type { SettingsProps } from "@/features/settings/index.ts";
import type { SafetyDialogProps } from "@/features/trust/index.ts";
import type { BlockProps, ReportProps } from "@/hooks/blocks.ts";
import { useLive } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { SearchDrawing, TalkDrawing } from "@/ui/drawings.tsx";
import { EmptyState } from "@/ui/empty-state.tsx";

import { go, leave, replace } from "./navigation.ts";
import { onDemand, withWords, type OnDemand } from "./on-demand.tsx";
import { pathOf, placeOf, type AccountPage, type Place } from "./place.ts";
import { usePwa } from "./pwa/pwa.ts";
import { wished } from "./wished.ts";

const chatPath = (chatId: string): string => pathOf({ at: "chat", chatId });
const openInstead = (chatId: string): void => replace(chatPath(chatId));

const conversation = () => withWords(import("@/features/conversation/index.ts"), "conversation", "polls", "problems", "trust", "blocks");
const group = () => withWords(import("@/features/group/index.ts"), "group", "people", "pictures", "trust", "wishes", "problems", "blocks");
const people = () => withWords(import("@/features/people/index.ts"), "people", "pictures");
const search = () => withWords(import("@/features/search/index.ts"), "search");
const blocks = () => withWords(import("@/features/blocks/index.ts"), "blocks", "problems");
const trust = () => withWords(import("@/features/trust/index.ts"), "trust");
const settings = () => withWords(import("@/features/settings/index.ts"), "settings", "forms", "pictures");

const Conversation = onDemand<ConversationProps>(async () => (await conversation()).Conversation);
const Search = onDemand<SearchPanelProps>(async () => (await search()).SearchPanel);
const Find = onDemand<FindProps>(async () => (await search()).Find);
const ChatInfo = onDemand<ChatInfoProps>(async () => (await group()).ChatInfo);
const Person = onDemand<PersonDialogProps>(async () => (await group()).PersonDialog);
const Held = onDemand<{ userId: string }>(async () => (await trust()).Held);
const Block = onDemand<BlockProps>(async () => (await blocks()).BlockDialog);
const Report = onDemand<ReportProps>(async () => (await blocks()).ReportDialog);
const Safety = onDemand<SafetyDialogProps>(async () => (await trust()).SafetyDialog);
const NewChat = onDemand<NewChatProps>(async () => (await people()).NewChat);
const NewGroup = onDemand<NewGroupProps>(async () => (await people()).NewGroup);
const Settings = onDemand<SettingsProps>(async () => (await settings()).Settings);

const account = () => withWords(import("@/features/auth/account/index.ts"), "account", "forms");
const devices = () => withWords(import("@/features/auth/devices/index.ts"), "devices", "forms");
const invites = () => withWords(import("@/features/auth/invites/index.ts"), "invites", "forms");
const files = () => withWords(import("@/features/files/index.ts"), "files", "conversation", "trust", "problems");
const keys = () => withWords(import("@/features/auth/keys/index.ts"), "keys", "devices", "forms", "problems");
const security = () => withWords(import("@/features/auth/security/index.ts"), "security", "forms", "problems");

/** Rare, and of no use without the server: fetched when they are opened. */
const ACCOUNT: Readonly<Record<AccountPage, OnDemand<PageProps>>> = {
  account: onDemand(async () => (await account()).AccountPage),
  security: onDemand(async () => (await security()).SecurityPage),
  keys: onDemand(async () => (await keys()).KeysPage),
  sessions: onDemand(async () => (await devices()).SessionsPage),
  activity: onDemand(async () => (await devices()).ActivityPage),
  storage: onDemand(async () => (await files()).StoragePage),
  blocked: onDemand(async () => (await blocks()).BlockedPage),
  tokens: onDemand(async () => (await devices()).TokensPage),
  invitations: onDemand(async () => (await invites()).InvitesPage),
};
const Export = onDemand<ExportDialogProps>(async () => (await files()).ExportDialog);
const Invitation = onDemand<InvitationProps>(async () => (await invites()).Invitation);

/** Fetches the screens that are not up yet, the likeliest first. */
export function preloadScreens(): void {
  for (const screen of [Conversation, Search, NewChat, ChatInfo, NewGroup, Settings]) screen.preload();
  // What seals a first message must be here before the network goes; whoever needs it asks again.
  import("@/core/crypto/engine/mls-crypto.ts").catch(() => {});
}

export function ListScreen({ selectedId }: { selectedId: string | null }) {
  const later = useLive(usePwa().later);
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col bg-surface">
      <div className="flex min-h-0 flex-1">
        <ChatList
          selectedId={selectedId}
          onOpen={(chatId, show) => {
            go(chatPath(chatId));
            if (show !== undefined) wished.set({ chatId, show });
          }}
          Search={Search}
          onNew={() => go("/new")}
          onSettings={() => go("/settings")}
        />
      </div>
      {later && <later.RecoveredCard />}
      {later && <later.Cards install={later.install} beside={selectedId === null} onKeys={() => go(pathOf({ at: "account", page: "keys" }))} />}
    </div>
  );
}

export function ChatScreen({ chatId }: { chatId: string }) {
  return (
    <Conversation
      key={chatId}
      chatId={chatId}
      Held={Held}
      Find={Find}
      Person={Person}
      Block={Block}
      Report={Report}
      wished={useLive(wished)}
      onGranted={() => wished.set(null)}
      onBack={() => leave({ at: "chat", chatId })}
      onOpen={(other) => go(pathOf({ at: "chat", chatId: other }))}
      onInfo={() => (placeOf(location.pathname).at === "info" ? leave({ at: "info", chatId }) : go(pathOf({ at: "info", chatId })))}
    />
  );
}

export function InfoScreen({ chatId }: { chatId: string }) {
  return (
    <ChatInfo
      key={chatId}
      chatId={chatId}
      Safety={Safety}
      Block={Block}
      Report={Report}
      Export={Export}
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
  return (
    <Settings
      onBack={() => leave({ at: "settings" })}
      onPage={(page) => go(pathOf({ at: "account", page }))}
    />
  );
}

export function AccountScreen({ page }: { page: AccountPage }) {
  const Page = ACCOUNT[page];
  return (
    <Page
      key={page}
      onBack={() => leave({ at: "account", page })}
      onPage={(other) => go(pathOf({ at: "account", page: other }))}
      onChat={(chatId) => go(chatPath(chatId))}
    />
  );
}

export function InvitationScreen({ code }: { code: string }) {
  return <Invitation key={code} code={code} onOpen={openInstead} onBack={() => replace("/")} />;
}

/** Beside the list, while nothing is chosen. `quiet`: what to do is said elsewhere on the screen. */
export function NothingOpen({ quiet }: { quiet: boolean }) {
  const t = useT();
  if (quiet) {
    return (
      <div className="flex flex-1 items-center justify-center bg-canvas">
        <EmptyState art={<TalkDrawing />} title={t("app.quietTitle")} />
      </div>
    );
  }
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
        art={<SearchDrawing />}
        title={t("app.notFoundTitle")}
        text={t("app.notFoundText")}
        action={<Button onClick={() => replace("/")}>{t("app.toChats")}</Button>}
      />
    </div>
  );
}
