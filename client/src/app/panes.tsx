import type { ReactNode } from "react";

import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";

import { ErrorBoundary } from "./error-boundary.tsx";
import { useFocus } from "./focus.ts";
import { useMedia, WIDEST } from "./media.ts";
import { pathOf, type Place } from "./place.ts";
import {
  AccountScreen,
  ChatScreen,
  InfoScreen,
  InvitationScreen,
  ListScreen,
  NoSuchPage,
  NothingOpen,
  SettingsScreen,
  StartScreen,
} from "./screens.tsx";

export interface PanesProps {
  place: Place;
  /** The chat on the screen, or beside what is on it. */
  beside: string | null;
  /** Nobody has talked here yet, and the list says so. */
  empty: boolean;
}

/** The list on the left, what is chosen on the right, and the chat's info beside it where there is room for three. */
export function TwoPanes({ place, beside, empty }: PanesProps) {
  const t = useT();
  const three = useMedia(WIDEST);
  const { list, page } = useFocus(place);
  const starting = place.at === "new" || place.at === "newGroup";
  return (
    <div className="flex min-h-0 flex-1">
      <a
        href="#page"
        onClick={(event) => {
          event.preventDefault();
          page.current?.focus();
        }}
        className="sr-only z-50 rounded-full bg-brand px-5 py-2.5 font-semibold text-on-brand focus:not-sr-only focus:absolute focus:start-4 focus:top-3"
      >
        {t("app.skip")}
      </a>
      <div ref={list} className="flex w-[clamp(20rem,30vw,26rem)] shrink-0 border-e border-line">
        <ErrorBoundary key={starting ? place.at : "list"}>
          {starting ? <StartScreen place={place} /> : <ListScreen selectedId={beside} />}
        </ErrorBoundary>
      </div>
      <main ref={page} id="page" tabIndex={-1} className="flex min-w-0 flex-1 focus:outline-none">
        <ErrorBoundary key={beside ?? keyOf(place)}>
          <Right place={place} beside={beside} empty={empty} three={three} />
        </ErrorBoundary>
      </main>
    </div>
  );
}

function Right({ place, beside, empty, three }: PanesProps & { three: boolean }) {
  const { state } = useLive(useServices().keys.state);
  const locked = state === "elsewhere" || state === "replaced";
  if (place.at === "settings") return <Fill><SettingsScreen /></Fill>;
  if (place.at === "account") return <Fill><AccountScreen page={place.page} /></Fill>;
  if (place.at === "invitation") return <Fill><InvitationScreen code={place.code} /></Fill>;
  if (place.at === "unknown") return <NoSuchPage />;
  if (beside === null && locked && place.at === "list") return <Fill><AccountScreen page="keys" /></Fill>;
  if (beside === null) return <NothingOpen quiet={empty || place.at !== "list"} />;
  if (place.at === "info" && !three) return <Fill><InfoScreen chatId={beside} /></Fill>;
  return (
    <>
      <Fill>
        <ChatScreen chatId={beside} />
      </Fill>
      {place.at === "info" && (
        <div className="flex w-96 shrink-0 border-s border-line">
          <InfoScreen chatId={beside} />
        </div>
      )}
    </>
  );
}

/** One place at a time, for phones. The list stays underneath, so that it is where it was when one comes back. */
export function OnePage({ place }: PanesProps) {
  const { list, page } = useFocus(place);
  const covered = place.at !== "list";
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={list}
        tabIndex={-1}
        inert={covered}
        className={covered ? "invisible absolute inset-0 flex" : "absolute inset-0 flex focus:outline-none"}
      >
        <ErrorBoundary>
          <ListScreen selectedId={null} />
        </ErrorBoundary>
      </div>
      {covered && (
        <main ref={page} tabIndex={-1} className="absolute inset-0 flex animate-appear bg-surface focus:outline-none">
          <ErrorBoundary key={keyOf(place)}>
            <Fill>
              <Cover place={place} />
            </Fill>
          </ErrorBoundary>
        </main>
      )}
    </div>
  );
}

function Cover({ place }: { place: Place }) {
  switch (place.at) {
    case "chat":
      return <ChatScreen chatId={place.chatId} />;
    case "info":
      return <InfoScreen chatId={place.chatId} />;
    case "new":
    case "newGroup":
      return <StartScreen place={place} />;
    case "settings":
      return <SettingsScreen />;
    case "account":
      return <AccountScreen page={place.page} />;
    case "invitation":
      return <InvitationScreen code={place.code} />;
    case "unknown":
      return <NoSuchPage />;
    case "list":
      return null;
  }
}

/** A page that broke is not the next one. */
const keyOf = (place: Place): string => (place.at === "unknown" ? place.at : pathOf(place));

function Fill({ children }: { children: ReactNode }) {
  return <div className="flex min-h-0 min-w-0 flex-1 flex-col">{children}</div>;
}
