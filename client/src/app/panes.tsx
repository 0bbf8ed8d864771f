import type { ReactNode } from "react";

import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { cx } from "@/ui/cx.ts";

import { ErrorBoundary } from "./error-boundary.tsx";
import { useFocus } from "./focus.ts";
import { useMedia, WIDE, WIDEST } from "./media.ts";
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

/**
 * Where there is room, the list on the left, what is chosen on the right, and the chat's info beside it where there is room
 * for three. On a phone one place at a time; the list stays underneath, so that it is where it was when one comes back.
 *
 * Both are the same elements: what is half written in a page stays when a phone is turned.
 */
export function Panes({ place, beside, empty }: PanesProps) {
  const t = useT();
  const wide = useMedia(WIDE);
  const { list, page } = useFocus(place);
  const starting = wide && (place.at === "new" || place.at === "newGroup");
  const covered = !wide && place.at !== "list";
  return (
    <div className={wide ? "flex min-h-0 flex-1" : "relative min-h-0 flex-1"}>
      {wide && (
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
      )}
      <div
        ref={list}
        tabIndex={wide ? undefined : -1}
        inert={covered}
        className={cx(
          "flex",
          wide ? "w-[clamp(20rem,30vw,26rem)] shrink-0 border-e border-line" : "absolute inset-0",
          !wide && (covered ? "invisible" : "focus:outline-none"),
        )}
      >
        <ErrorBoundary key={starting ? place.at : "list"}>
          {starting ? <StartScreen place={place} /> : <ListScreen selectedId={wide ? beside : null} />}
        </ErrorBoundary>
      </div>
      {(wide || covered) && (
        <main
          ref={page}
          id="page"
          tabIndex={-1}
          className={wide ? "flex min-w-0 flex-1 focus:outline-none" : "absolute inset-0 flex animate-appear bg-surface focus:outline-none"}
        >
          <ErrorBoundary key={(wide ? beside : place.at === "chat" ? place.chatId : null) ?? keyOf(place)}>
            <Page place={place} beside={beside} empty={empty} wide={wide} />
          </ErrorBoundary>
        </main>
      )}
    </div>
  );
}
function Page({ place, beside, empty, wide }: PanesProps & { wide: boolean }) {
  const three = useMedia(WIDEST);
  const { state } = useLive(useServices().keys.state);
  if (place.at === "settings") return <Fill><SettingsScreen /></Fill>;
  if (place.at === "account") return <Fill><AccountScreen page={place.page} /></Fill>;
  if (place.at === "invitation") return <Fill><InvitationScreen code={place.code} /></Fill>;
  if (place.at === "unknown") return <NoSuchPage />;
  if (!wide && (place.at === "new" || place.at === "newGroup")) return <Fill><StartScreen place={place} /></Fill>;
  const locked = state === "elsewhere" || state === "replaced";
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

/** A page that broke is not the next one. */
const keyOf = (place: Place): string => (place.at === "unknown" ? place.at : pathOf(place));

function Fill({ children }: { children: ReactNode }) {
  return <div className="flex min-h-0 min-w-0 flex-1 flex-col">{children}</div>;
}
