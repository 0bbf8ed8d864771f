// The pages for who is not signed in, with their ways to each other as addresses.

import type { ReactNode } from "react";
import { useSearch } from "wouter";

import type {
  ForgotPasswordProps,
  ResetPasswordProps,
  SignInProps,
  SignUpProps,
} from "@/features/auth/entrance/index.ts";
import type { InvitationEntranceProps } from "@/features/auth/invites/entrance.ts";
import { readArrival } from "@/hooks/arrival.ts";
import { keptInvitation } from "@/hooks/invitation.ts";
import { useT, type Key } from "@/i18n/index.ts";

import { replace } from "./navigation.ts";
import { onDemand, withWords } from "./on-demand.tsx";
import { nextOf, pathOf, type EntrancePage } from "./place.ts";
import { useTitle } from "./title.ts";

const forms = () => withWords(import("@/features/auth/entrance/index.ts"), "auth", "forms", "problems");
const SignIn = onDemand<SignInProps>(async () => (await forms()).SignIn);
const SignUp = onDemand<SignUpProps>(async () => (await forms()).SignUp);
const ForgotPassword = onDemand<ForgotPasswordProps>(async () => (await forms()).ForgotPassword);
const ResetPassword = onDemand<ResetPasswordProps>(async () => (await forms()).ResetPassword);
const InvitationEntrance = onDemand<InvitationEntranceProps>(
  async () => (await withWords(import("@/features/auth/invites/entrance.ts"), "auth", "invites", "forms")).InvitationEntrance,
);

const PAGES = { signIn: SignIn, signUp: SignUp, forgotPassword: ForgotPassword, resetPassword: ResetPassword };

/** Fetches a page's code while it is not known yet who is here. */
export const preloadEntrance = (page: EntrancePage): void => PAGES[page].preload();

/** The invitation that led here: named in the address, or kept while the person was at another provider. */
const inviteOf = (search: string): string | null =>
  new URLSearchParams(search).get("invite") ?? (readArrival().at === "sign-up" ? keptInvitation() : null);

const openChat = (chatId: string): void => replace(pathOf({ at: "chat", chatId }));

export interface EntranceScreenProps {
  page: EntrancePage;
  notice: SignInProps["notice"];
  identifier?: string;
}

/** One of the pages; where one wanted to go stays in the query, what an invitation carries in the fragment. */
export function EntranceScreen({ page, notice, identifier }: EntranceScreenProps) {
  const search = useSearch();
  const hash = readArrival().at === "nothing" ? location.hash : "";
  const to = (path: string): string => path + (search && `?${search}`) + hash;
  switch (page) {
    case "signIn":
      return (
        <Titled title="app.signIn">
          <SignIn
            notice={notice}
            {...(identifier === undefined ? {} : { identifier })}
            next={nextOf(search)}
            signUpHref={to("/signup")}
            forgotHref="/forgot-password"
          />
        </Titled>
      );
    case "signUp":
      return (
        <Titled title="app.signUp">
          <SignUp signInHref={to("/login")} invite={inviteOf(search)} onChat={openChat} />
        </Titled>
      );
    case "forgotPassword":
      return (
        <Titled title="app.forgotPassword">
          <ForgotPassword signInHref="/login" />
        </Titled>
      );
    case "resetPassword":
      return (
        <Titled title="app.forgotPassword">
          <ResetPassword token={location.hash.slice(1)} signInHref="/login" forgotHref="/forgot-password" />
        </Titled>
      );
  }
}

/** What an invitation shows to who is not signed in. */
export function InvitationEntranceScreen({ code }: { code: string }) {
  const { hash } = location;
  const next = new URLSearchParams({ next: pathOf({ at: "invitation", code }) });
  return (
    <Titled title="app.invitation">
      <InvitationEntrance
        code={code}
        signInHref={`/login?${next}${hash}`}
        signUpHref={`/signup?${new URLSearchParams({ invite: code })}${hash}`}
      />
    </Titled>
  );
}

function Titled({ title, children }: { title: Key; children: ReactNode }) {
  const t = useT();
  useTitle(t(title), 0);
  return children;
}
