import { Link } from "wouter";

import { Invites } from "@/core/identity/invites.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { keepInvitation } from "@/hooks/invitation.ts";
import { useResource } from "@/hooks/resource.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Button } from "@/ui/button.tsx";

import { AuthPage } from "../entrance/auth-page.tsx";
import { Loaded } from "../shared/loaded.tsx";

export interface InvitationEntranceProps {
  code: string;
  signInHref: string;
  signUpHref: string;
}

/** Somebody without an account, or not signed in, follows a link: who invites, and the two ways on. */
export function InvitationEntrance({ code, signInHref, signUpHref }: InvitationEntranceProps) {
  const t = useT();
  const invites = useIdentity(Invites);
  const resource = useResource(() => {
    keepInvitation(code);
    return invites.look(code);
  });
  const name = resource.value?.inviter.displayName;
  return (
    <AuthPage title={name ? t("invites.invitedBy", { name }) : t("invites.invitation")} text={name && t("invites.whatFor", { name })}>
      <Loaded resource={resource} label={t("invites.loading")} rows={1}>
        {({ inviter }) => (
          <div className="flex flex-col gap-6">
            <div className="flex items-center gap-4">
              {/* Pictures are for who is signed in. */}
              <Avatar id={inviter.id} name={inviter.displayName} size="lg" />
              <div className="min-w-0">
                <p className="font-semibold wrap-anywhere">{inviter.displayName}</p>
                <p className="text-ink-soft wrap-anywhere">@{inviter.username}</p>
              </div>
            </div>
            <div className="flex flex-col gap-3">
              <Button wide asChild>
                <Link href={signUpHref}>{t("auth.signUp")}</Link>
              </Button>
              <Button wide look="outline" asChild>
                <Link href={signInHref}>{t("invites.haveAccount")}</Link>
              </Button>
            </div>
          </div>
        )}
      </Loaded>
    </AuthPage>
  );
}
