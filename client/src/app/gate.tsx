import { Redirect, useLocation, useSearch } from "wouter";

import { useLive, useServices } from "@/hooks/services.ts";

import { EntranceScreen, InvitationEntranceScreen } from "./entrance.tsx";
import { entranceOf, nextOf, placeOf, signInPath } from "./place.ts";
import { Shell } from "./shell.tsx";
import { Splash } from "./splash.tsx";

/** Lets through to the chats who is signed in, and everybody else to the pages that lead there. */
export function Gate() {
  const [path] = useLocation();
  const search = useSearch();
  const session = useLive(useServices().session.status);
  const page = entranceOf(path);

  if (session.state === "starting") return <Splash />;
  // A letter may be opened by whoever is signed in, too.
  if (page === "forgotPassword" || page === "resetPassword") return <EntranceScreen page={page} notice="none" />;
  if (session.state === "signedIn") {
    // Renewing a session that is over: what is here stays readable behind it.
    if (session.expired && page === "signIn") {
      return <EntranceScreen page="signIn" notice="expired" identifier={session.me.username} />;
    }
    return page ? <Redirect to={nextOf(search)} replace /> : <Shell me={session.me} />;
  }
  if (page) return <EntranceScreen page={page} notice={session.reason} />;
  const place = placeOf(path);
  if (place.at === "invitation") return <InvitationEntranceScreen code={place.code} />;
  return <Redirect to={signInPath(path)} replace />;
}
