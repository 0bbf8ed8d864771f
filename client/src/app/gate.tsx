import { Redirect, useLocation, useSearch } from "wouter";

import type { SignInProps, SignUpProps } from "@/features/auth/entrance/index.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useT, type Key } from "@/i18n/index.ts";

import { onDemand, withWords } from "./on-demand.tsx";
import { nextOf, signInPath } from "./place.ts";
import { Shell } from "./shell.tsx";
import { Splash } from "./splash.tsx";
import { useTitle } from "./title.ts";

const forms = () => withWords(import("@/features/auth/entrance/index.ts"), "auth", "forms");
const SignIn = onDemand<SignInProps>(async () => (await forms()).SignIn);
const SignUp = onDemand<SignUpProps>(async () => (await forms()).SignUp);

/** Lets through to the chats who is signed in, and everybody else to the two forms. */
export function Gate() {
  const [path] = useLocation();
  const search = useSearch();
  const session = useLive(useServices().session.status);
  const query = search ? `?${search}` : "";
  const entrance = path === "/login" || path === "/signup";

  if (session.state === "starting") return <Splash />;
  if (session.state === "signedIn") {
    // Renewing a session that is over: what is here stays readable behind it.
    if (session.expired && path === "/login") {
      return (
        <Entrance title="app.signIn">
          <SignIn notice="expired" identifier={session.me.username} signUpHref="/signup" />
        </Entrance>
      );
    }
    return entrance ? <Redirect to={nextOf(search)} replace /> : <Shell me={session.me} />;
  }
  if (path === "/signup") {
    return (
      <Entrance title="app.signUp">
        <SignUp signInHref={`/login${query}`} />
      </Entrance>
    );
  }
  if (path !== "/login") return <Redirect to={signInPath(path)} replace />;
  return (
    <Entrance title="app.signIn">
      <SignIn notice={session.reason} signUpHref={`/signup${query}`} />
    </Entrance>
  );
}

function Entrance({ title, children }: { title: Key; children: React.ReactNode }) {
  const t = useT();
  useTitle(t(title), 0);
  return children;
}
