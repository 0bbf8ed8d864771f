import { MessageCircle } from "lucide-react";

import type { MemberItem } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useBlocked } from "@/hooks/blocks.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { ProfileCard } from "@/ui/profile-card.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { ROLE_KEYS } from "./member-row.tsx";
import { PersonWays } from "./person-ways.tsx";
import { SafetyWay } from "./safety-way.tsx";
import { useSeen } from "./use-presence.ts";

export interface MemberDialogProps {
  member: MemberItem;
  onMessage: (chatId: string) => void;
  /** Null where there are no keys to compare. */
  onCompare: (() => void) | null;
  onBlock: () => void;
  onReport: () => void;
  onClose: () => void;
}

/** Who a member of the group is, and the way to talk to them alone. */
export function MemberDialog({ member, onMessage, onCompare, onBlock, onReport, onClose }: MemberDialogProps) {
  const t = useT();
  const { chats } = useServices();
  const blocked = useBlocked().has(member.userId);
  const seen = useSeen(member.userId);
  const { busy, problem, run } = useAction();
  const { profile, role } = member;
  const name = profile?.displayName ?? t("group.someone");
  const roleKey = ROLE_KEYS[role];
  /** Another window in the place of this one. */
  const instead = (open: () => void) => (): void => {
    onClose();
    open();
  };
  const message = (): void => void run(async () => onMessage(await chats.createDirect(member.userId)));

  return (
    <Dialog open onClose={onClose} title={name} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-5 pb-6">
        <ProfileCard
          id={member.userId}
          name={name}
          avatar={profile?.avatar ?? null}
          online={seen.online}
          heading={false}
          detail={[profile && `@${profile.username}`, roleKey && t(roleKey)].filter(Boolean).join(" · ")}
          status={seen.words}
          bio={profile?.bio ?? ""}
          bioLabel={t("group.about")}
        />
        {problem && (
          <div className="mx-6">
            <Trouble>{problem}</Trouble>
          </div>
        )}
        {onCompare && (
          <SafetyWay
            userId={member.userId}
            onPress={instead(onCompare)}
          />
        )}
        {!blocked && (
          <div className="flex justify-center px-6">
            <Button busy={busy} onClick={message}>
              <MessageCircle aria-hidden="true" />
              {t("group.message")}
            </Button>
          </div>
        )}
        <PersonWays userId={member.userId} name={name} onBlock={instead(onBlock)} onReport={instead(onReport)} />
      </div>
    </Dialog>
  );
}
