import { Invites } from "@/core/identity/invites.ts";
import { useAction } from "@/hooks/action.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { forgetInvitation, keepInvitation, keptFragment } from "@/hooks/invitation.ts";
import { useResource } from "@/hooks/resource.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { ProfileCard } from "@/ui/profile-card.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { Loaded } from "../shared/loaded.tsx";
import { Page } from "../shared/page.tsx";

export interface InvitationProps {
  code: string;
  onOpen: (chatId: string) => void;
  onBack: () => void;
}

/** Somebody with an account follows a link: one press opens the chat with whoever made it. */
export function Invitation({ code, onOpen, onBack }: InvitationProps) {
  const t = useT();
  const services = useServices();
  const invites = useIdentity(Invites);
  const { busy, problem, run } = useAction();
  const resource = useResource(() => {
    keepInvitation(code);
    return invites.look(code);
  });

  const accept = (inviterId: string): Promise<boolean> =>
    run(async () => {
      await invites.accept(code);
      const chatId = await services.invitations.open(inviterId, keptFragment(code));
      forgetInvitation();
      onOpen(chatId);
    });

  return (
    <Page title={t("invites.invitation")} onBack={onBack}>
      <Loaded resource={resource} label={t("invites.loading")}>
        {({ inviter }) => (
          <div className="flex flex-col items-center gap-6 pt-6">
            <ProfileCard
              id={inviter.id}
              name={inviter.displayName}
              avatar={inviter.avatar}
              detail={`@${inviter.username}`}
              bio={inviter.bio}
            />
            <p className="text-center text-ink-soft text-pretty">{t("invites.wantsToTalk", { name: inviter.displayName })}</p>
            {problem && <Trouble>{problem}</Trouble>}
            <Button busy={busy} onClick={() => void accept(inviter.id)}>
              {t("invites.openChat")}
            </Button>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
